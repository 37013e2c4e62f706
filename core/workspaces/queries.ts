import { mapConcurrently } from '../../base/concurrency.ts';
import type { RouteResponse } from '../../contracts/routes/routes.ts';
import type { BuildWithSteps } from '../../contracts/workspaces/builds.ts';
import { mayListEveryone } from '../access/policy.ts';
import type { Person } from '../actor.ts';
import { BerthError } from '../errors.ts';
import { msOf } from '../instant.ts';
import type { Change, Key } from '../ports/table.ts';
import type { Rules } from '../rules.ts';
import { padded } from '../table/item.ts';
import { ItemKind } from '../table/item-kind.ts';
import { workspaceKey } from '../table/keys.ts';
import { queryShards } from '../table/shards.ts';
import { type BuildRecord, buildItems } from './records/build-record.ts';
import { loadStep, loadSteps, stepKey } from './records/steps.ts';
import { allWorkspaces, type WorkspaceRecord, workspaceItems } from './records/workspace-record.ts';
import { findWorkspace, loadBuild } from './store.ts';
import { buildView, stepViews } from './view.ts';

interface PageRequest {
  limit: number;
  cursor?: string | undefined;
}

const pageOf = ({ limit, cursor }: PageRequest) => ({ limit, ...(cursor === undefined ? {} : { cursor }) });

/** A person's own by one query. Everyone's by a bounded query of each shard of an index of keys, and a get for each. */
export const listWorkspaces = async (
  { table, log }: Rules,
  person: Person,
  request: PageRequest & { owner: 'me' | 'everyone' },
): Promise<{ items: WorkspaceRecord[]; next?: string }> => {
  if (request.owner === 'everyone' && !mayListEveryone(person)) {
    throw new BerthError('forbidden', "Only admins and auditors may list everyone's workspaces. Leave `owner` out.", {
      field: 'owner',
      refused: 'workspaces',
    });
  }
  if (request.owner === 'me') {
    const page = await table.query({ pk: `owner#${person.id}`, index: 'list', ...pageOf(request) });
    return { ...page, items: workspaceItems.readList(page.items, log) };
  }
  const page = await queryShards(table, { name: allWorkspaces, index: 'all', ...pageOf(request) });
  const found = await mapConcurrently(page.items, readsAtOnce, (key) => table.get(key));
  const workspaces = workspaceItems.readList(
    found.filter((item) => item !== undefined),
    log,
  );
  return { ...page, items: workspaces.filter(({ status }) => status !== 'deleted') };
};

const readsAtOnce = 10;

export const listBuilds = async (rules: Rules, person: Person, reference: string, request: PageRequest) => {
  const workspace = await findWorkspace(rules, person, reference, 'read');
  const page = await rules.table.query({
    pk: workspaceKey(workspace.id).pk,
    prefix: 'build#',
    reverse: true,
    ...pageOf(request),
  });
  return { ...page, items: buildItems.readList(page.items, rules.log).map(buildView) };
};

interface FoundBuild {
  build: BuildRecord;
  /** Its run goes on: checks of apps, and a startup script that is run again, outlive the build. */
  runs: boolean;
}

const findBuild = async (rules: Rules, person: Person, reference: string, number: number): Promise<FoundBuild> => {
  const workspace = await findWorkspace(rules, person, reference, 'read');
  const build = await loadBuild(rules.table, workspace.id, number);
  if (build === undefined) {
    throw new BerthError(
      'not_found',
      `The workspace ${workspace.name} has no build ${number}; its last is ${workspace.build.number}. Ask for one up to that.`,
    );
  }
  return { build, runs: workspace.status === 'running' && workspace.build.number === number };
};

export const getBuild = async (
  rules: Rules,
  person: Person,
  reference: string,
  number: number,
): Promise<BuildWithSteps> => {
  const { build, runs } = await findBuild(rules, person, reference, number);
  const steps = await loadSteps(rules, build.workspaceId, number);
  return { ...buildView(build), steps: stepViews(build, steps, runs) };
};

export const logItems = new ItemKind<{ at: string; text: string }>('log chunk', { at: 'string', text: 'string' });

/** Chunks of a step's log, by the numbers of the agent's events. */
const logPartition = (buildId: string, step: string) => `log#${buildId}#${step}`;

/** Logs are looked at for days, not for ever. */
const keptSeconds = 90 * 86_400;

export const logChunk = (buildId: string, step: string, chunk: { seq: number; at: string; text: string }): Change => {
  const key: Key = { pk: logPartition(buildId, step), sk: padded(chunk.seq, 10) };
  return {
    put: logItems.item(key, {
      at: chunk.at,
      text: chunk.text,
      expires: Math.ceil(msOf(chunk.at) / 1000) + keptSeconds,
    }),
  };
};

/** 50 chunks of 16 K characters at the most: below what an answer may hold. */
const chunksPerPage = 50;

/** The log of a step from a cursor on. The cursor is the number of the next chunk to ask for. */
export const getBuildLog = async (
  rules: Rules,
  person: Person,
  request: { workspace: string; build: number; step: string; cursor?: string | undefined },
): Promise<RouteResponse<'getBuildLog'>> => {
  const { build, runs } = await findBuild(rules, person, request.workspace, request.build);
  const from = cursorNumber(request.cursor);
  const step = await loadStep(rules.table, stepKey(build.workspaceId, build.number, request.step));
  if (step === undefined) {
    throw new BerthError('not_found', `Build ${build.number} has no step of that name (yet). See the build's steps.`);
  }
  const page = await rules.table.query({
    pk: logPartition(build.id, request.step),
    from: padded(from, 10),
    limit: chunksPerPage,
  });
  const last = page.items.at(-1);
  return {
    chunks: logItems.readList(page.items, rules.log).map(({ at, text }) => ({ at, text })),
    next: String(last === undefined ? from : Number(last.sk) + 1),
    done: page.next === undefined && (step.status !== 'running' || (build.endedAt !== undefined && !runs)),
  };
};

const cursorNumber = (cursor: string | undefined): number => {
  if (cursor === undefined) return 0;
  if (/^[0-9]{1,9}$/.test(cursor)) return Number(cursor);
  throw new BerthError(
    'invalid_request',
    'The cursor is not one that this log gave. Leave it out to read from the start.',
    {
      field: 'cursor',
    },
  );
};
