import * as z from 'zod';
import { BuildStatus, Transition } from '../../../contracts/workspaces/builds.ts';
import type { Rules } from '../../rules.ts';
import { type BuildRecord, buildChange, buildItems, buildKey, isActive } from '../records/build-record.ts';
import type { WorkspaceRecord } from '../records/workspace-record.ts';
import { endBuild } from '../rules/lifecycle.ts';
import { changeWorkspace, loadBuild } from '../store.ts';

/** What every step of a workflow relies on in a build's record. */
const Usable = z.looseObject({
  id: z.string(),
  number: z.int(),
  transition: Transition,
  status: BuildStatus,
  template: z.looseObject({ name: z.string(), version: z.int() }),
  parameters: z.looseObject({}),
  ephemeral: z.looseObject({}),
  cancel: z.boolean(),
  lastEvent: z.int(),
  revision: z.int().min(1),
});

/**
 * Why this version of Berth cannot go on with a build that is not over, as one that another version left; `undefined`
 * for one that it can, and for one that is over.
 */
export const strangeness = ({ build: named }: WorkspaceRecord, build: BuildRecord | undefined): string | undefined => {
  const isOver = BuildStatus.safeParse(named.status).success && !isActive(named.status);
  if (isOver) return undefined;
  if (build === undefined) return 'Its record is not there.';
  const read = Usable.safeParse(build);
  if (!read.success) {
    const fields = new Set(read.error.issues.map(({ path }) => String(path[0])));
    return `Its record says nothing that this version understands of: ${[...fields].join(', ')}.`;
  }
  const isSame = named.id === build.id && named.transition === build.transition && named.status === build.status;
  return isSame ? undefined : 'Its workspace says another thing of it than its own record.';
};

const transitions = { running: 'start', stopped: 'stop', deleted: 'delete' } as const;

/**
 * Ends a build with which nothing can be done any more as failed, and says why; what was begun of its compute the
 * reconciler stops. A stop or a delete is tried again as after any failure. `stillSo` is asked of both as they are now:
 * they are read one after the other, and only the write shows that they belong together. Returns whether it was ended.
 */
export const abandonBuild = async (
  rules: Rules,
  { id, build: named }: Pick<WorkspaceRecord, 'id' | 'build'>,
  why: string,
  stillSo: (workspace: WorkspaceRecord, build: BuildRecord | undefined) => boolean,
): Promise<boolean> => {
  let isEnded = false;
  await changeWorkspace(rules, id, async (workspace) => {
    isEnded = false;
    if (workspace.build.id !== named.id) return undefined;
    const { number } = workspace.build;
    const found = await loadBuild(rules.table, id, number);
    if (!stillSo(workspace, found)) return undefined;
    const build = madeUsable(workspace, found);
    const { transition } = build;
    const failure = {
      error: 'internal',
      message: `Berth cannot go on with this ${transition}, perhaps because another version of it began it. ${why}`,
      action: transition === 'start' ? 'Start the workspace again.' : 'Berth tries it again by itself.',
    };
    const seen = { ...workspace, build: { ...workspace.build, transition } };
    const change = endBuild(seen, build, { status: 'failed', failure }, rules.clock());
    const [ended, ...next] = change.builds;
    // Demands nothing of the record, which may not have what a demand needs; the workspace's own version fences it.
    const put = { put: buildItems.item(buildKey(id, number), { ...build, ...ended, revision: build.revision + 1 }) };
    isEnded = true;
    return { workspace: change.workspace, auditEvents: change.auditEvents, also: [put, ...next.map(buildChange)] };
  });
  return isEnded;
};

/** The record with what is missing in it, so that it can be ended and shown. */
const madeUsable = (workspace: WorkspaceRecord, found: BuildRecord | undefined): BuildRecord => {
  const { build, template, parameters, buildAt, createdAt } = workspace;
  const usual: BuildRecord = {
    id: build.id,
    workspaceId: workspace.id,
    number: build.number,
    transition: transitions[workspace.desired],
    reason: build.reason,
    status: 'running',
    template: { name: template.name, version: template.version },
    parameters,
    ephemeral: {},
    createdAt: buildAt ?? createdAt,
    cancel: false,
    lastEvent: 0,
    usual: {},
    revision: 0,
  };
  if (found === undefined || Usable.safeParse(found).success) return found ?? usual;
  const read = Usable.partial().safeParse(found);
  const wrong = new Set(read.error?.issues.map(({ path }) => String(path[0])));
  const right = Object.fromEntries(Object.entries(found).filter(([name]) => !wrong.has(name)));
  return { ...usual, ...right };
};
