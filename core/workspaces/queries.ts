import type { RouteResponse } from '../../contracts/routes.ts';
import type { BuildWithSteps } from '../../contracts/workspace.ts';
import { mayListEveryone } from '../access.ts';
import type { Person } from '../actor.ts';
import { BerthError } from '../errors.ts';
import { msOf } from '../instant.ts';
import { fromItem, padded, toItem } from '../item.ts';
import type { Change, Key } from '../ports.ts';
import type { Rules } from '../rules.ts';
import { type BuildRecord, type WorkspaceRecord, workspaceKey } from './record.ts';
import { loadStep, loadSteps, stepKey } from './steps.ts';
import { findWorkspace, loadBuild } from './store.ts';
import { buildView, stepViews } from './view.ts';

interface PageRequest {
  limit: number;
  cursor?: string | undefined;
}

const pageOf = ({ limit, cursor }: PageRequest) => ({ limit, ...(cursor === undefined ? {} : { cursor }) });

/** One query, whatever the number of workspaces. */
export const listWorkspaces = async (
  { table }: Rules,
  person: Person,
  request: PageRequest & { owner: 'me' | 'everyone' },
): Promise<{ items: WorkspaceRecord[]; next?: string }> => {
  if (request.owner === 'everyone' && !mayListEveryone(person)) {
    throw new BerthError('forbidden', "Only admins and auditors may list everyone's workspaces. Leave `owner` out.", {
      field: 'owner',
      refused: 'workspaces',
    });
  }
  const page = await table.query(
    request.owner === 'me'
      ? { pk: `owner#${person.id}`, index: 'list', ...pageOf(request) }
      : { pk: 'workspaces', index: 'all', ...pageOf(request) },
  );
  return { ...page, items: page.items.map((item) => fromItem<WorkspaceRecord>(item)) };
};

export const listBuilds = async (rules: Rules, person: Person, reference: string, request: PageRequest) => {
  const workspace = await findWorkspace(rules, person, reference, 'read');
  const page = await rules.table.query({
    pk: workspaceKey(workspace.id).pk,
    prefix: 'build#',
    reverse: true,
    ...pageOf(request),
  });
  return { ...page, items: page.items.map((item) => buildView(fromItem<BuildRecord>(item))) };
};

const findBuild = async (rules: Rules, person: Person, reference: string, number: number): Promise<BuildRecord> => {
  const workspace = await findWorkspace(rules, person, reference, 'read');
  const build = await loadBuild(rules.table, workspace.id, number);
  if (build === undefined) {
    throw new BerthError(
      'not_found',
      `The workspace ${workspace.name} has no build ${number}; its last is ${workspace.build.number}. Ask for one up to that.`,
    );
  }
  return build;
};

export const getBuild = async (
  rules: Rules,
  person: Person,
  reference: string,
  number: number,
): Promise<BuildWithSteps> => {
  const build = await findBuild(rules, person, reference, number);
  const steps = await loadSteps(rules.table, build.workspaceId, number);
  return { ...buildView(build), steps: stepViews(build, steps) };
};

/** Chunks of a step's log, by the numbers of the agent's events. */
const logPartition = (buildId: string, step: string) => `log#${buildId}#${step}`;

/** Logs are looked at for days, not for ever. */
const keptSeconds = 90 * 86_400;

export const logChunk = (buildId: string, step: string, chunk: { seq: number; at: string; text: string }): Change => {
  const key: Key = { pk: logPartition(buildId, step), sk: padded(chunk.seq, 10) };
  return {
    put: toItem(key, { at: chunk.at, text: chunk.text, expires: Math.ceil(msOf(chunk.at) / 1000) + keptSeconds }),
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
  const build = await findBuild(rules, person, request.workspace, request.build);
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
    chunks: page.items.map((item) => ({ at: String(item['at']), text: String(item['text']) })),
    next: String(last === undefined ? from : Number(last.sk) + 1),
    done: page.next === undefined && (step.status !== 'running' || build.endedAt !== undefined),
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
