import { mapConcurrently } from '../../base/concurrency.ts';
import type { BuildWithSteps } from '../../contracts/workspaces/builds.ts';
import { mayListEveryone } from '../access/policy.ts';
import type { Person } from '../actor.ts';
import { BerthError } from '../errors.ts';
import type { Rules } from '../rules.ts';
import { workspaceKey } from '../table/keys.ts';
import { queryShards } from '../table/shards.ts';
import { type BuildRecord, buildItems } from './records/build-record.ts';
import { loadSteps } from './records/steps.ts';
import { allWorkspaces, type WorkspaceRecord, workspaceItems } from './records/workspace-record.ts';
import { findWorkspace, loadBuild } from './store.ts';
import { buildView, stepViews } from './view.ts';

interface PageRequest {
  limit: number;
  cursor?: string | undefined;
}

const pageOf = ({ limit, cursor }: PageRequest) => ({ limit, ...(cursor === undefined ? {} : { cursor }) });

/**
 * Lists a person's own workspaces with one query, or everyone's with a bounded query of each shard of an index of keys
 * and a get for each workspace.
 */
export const listWorkspaces = async (
  { table, log }: Rules,
  person: Person,
  request: PageRequest & { owner: 'me' | 'everyone' },
): Promise<{ items: WorkspaceRecord[]; next?: string }> => {
  if (request.owner === 'everyone' && !mayListEveryone(person)) {
    throw new BerthError(
      'forbidden',
      "Only admins and auditors may list everyone's workspaces. Omit `owner` to list your own.",
      {
        field: 'owner',
        refused: 'workspaces',
      },
    );
  }
  if (request.owner === 'me') {
    const page = await table.query({ pk: `owner#${person.id}`, index: 'list', ...pageOf(request) });
    return { ...page, items: workspaceItems.readList(page.items, log) };
  }
  const page = await queryShards(table, { name: allWorkspaces, index: 'all', ...pageOf(request) });
  const found = await mapConcurrently(page.items, concurrentReads, (key) => table.get(key));
  const workspaces = workspaceItems.readList(
    found.filter((item) => item !== undefined),
    log,
  );
  return { ...page, items: workspaces.filter(({ status }) => status !== 'deleted') };
};

const concurrentReads = 10;

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
  /** The workspace still runs from this build. App checks, and a startup script that runs again, outlive the build. */
  isRunning: boolean;
}

export const findBuild = async (
  rules: Rules,
  person: Person,
  reference: string,
  number: number,
): Promise<FoundBuild> => {
  const workspace = await findWorkspace(rules, person, reference, 'read');
  const build = await loadBuild(rules.table, workspace.id, number);
  if (build === undefined) {
    throw new BerthError(
      'not_found',
      `The workspace ${workspace.name} has no build ${number}; its last is ${workspace.build.number}. Choose a number up to that.`,
    );
  }
  return { build, isRunning: workspace.status === 'running' && workspace.build.number === number };
};

export const getBuild = async (
  rules: Rules,
  person: Person,
  reference: string,
  number: number,
): Promise<BuildWithSteps> => {
  const { build, isRunning } = await findBuild(rules, person, reference, number);
  const steps = await loadSteps(rules, build.workspaceId, number);
  return { ...buildView(build), steps: stepViews(build, steps, isRunning) };
};
