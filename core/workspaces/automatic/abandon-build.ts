import * as z from 'zod';
import { BuildStatus, Transition } from '../../../contracts/workspaces/builds.ts';
import type { Rules } from '../../rules.ts';
import { type BuildRecord, buildChange, buildItems, buildKey, isActive } from '../records/build-record.ts';
import type { WorkspaceRecord } from '../records/workspace-record.ts';
import { endBuild } from '../rules/lifecycle.ts';
import { changeWorkspace, loadBuild } from '../store.ts';

/** The fields of a build's record that every step of a workflow relies on. */
const UsableBuild = z.looseObject({
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
 * Why this version of Berth cannot continue an active build, for example one that another version began. `undefined`
 * for a build that it can continue, and for one that has ended.
 */
export const unusableReason = (
  { build: current }: WorkspaceRecord,
  build: BuildRecord | undefined,
): string | undefined => {
  const hasEnded = BuildStatus.safeParse(current.status).success && !isActive(current.status);
  if (hasEnded) return undefined;
  if (build === undefined) return 'Its record does not exist.';
  const parsed = UsableBuild.safeParse(build);
  if (!parsed.success) {
    const fields = new Set(parsed.error.issues.map(({ path }) => String(path[0])));
    return `Its record has missing or unknown values: ${[...fields].join(', ')}.`;
  }
  const isSame = current.id === build.id && current.transition === build.transition && current.status === build.status;
  return isSame ? undefined : 'Its record does not match the record of its workspace.';
};

const transitions = { running: 'start', stopped: 'stop', deleted: 'delete' } as const;

/**
 * Ends a build that no execution can continue as failed, with the reason; the reconciler stops the compute that it may
 * have started. A stop or delete is retried like after any failure. `stillApplies` is called with the current records:
 * they are read one after the other, and only the write shows that they belong together. Returns whether it ended the
 * build.
 */
export const abandonBuild = async (
  rules: Rules,
  { id, build: abandoned }: Pick<WorkspaceRecord, 'id' | 'build'>,
  reason: string,
  stillApplies: (workspace: WorkspaceRecord, build: BuildRecord | undefined) => boolean,
): Promise<boolean> => {
  let isEnded = false;
  await changeWorkspace(rules, id, async (workspace) => {
    isEnded = false;
    if (workspace.build.id !== abandoned.id) return undefined;
    const { number } = workspace.build;
    const found = await loadBuild(rules.table, id, number);
    if (!stillApplies(workspace, found)) return undefined;
    const build = withDefaults(workspace, found);
    const { transition } = build;
    const failure = {
      error: 'internal',
      message: `Berth cannot continue this ${transition}, perhaps because another version of Berth began it. ${reason}`,
      action: transition === 'start' ? 'Start the workspace again.' : 'Berth retries it automatically.',
    };
    const current = { ...workspace, build: { ...workspace.build, transition } };
    const change = endBuild(current, build, { status: 'failed', failure }, rules.clock());
    const [ended, ...next] = change.builds;
    // Without a condition, because the record may lack its field. The condition on the workspace's version protects it.
    const put = { put: buildItems.item(buildKey(id, number), { ...build, ...ended, revision: build.revision + 1 }) };
    isEnded = true;
    return { workspace: change.workspace, auditEvents: change.auditEvents, also: [put, ...next.map(buildChange)] };
  });
  return isEnded;
};

/** The record with defaults for missing and unknown values, so that the build can be ended and shown. */
const withDefaults = (workspace: WorkspaceRecord, found: BuildRecord | undefined): BuildRecord => {
  const { build, template, parameters, buildAt, createdAt } = workspace;
  const defaults: BuildRecord = {
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
  if (found === undefined || UsableBuild.safeParse(found).success) return found ?? defaults;
  const parsed = UsableBuild.partial().safeParse(found);
  const unusable = new Set(parsed.error?.issues.map(({ path }) => String(path[0])));
  const usable = Object.fromEntries(Object.entries(found).filter(([name]) => !unusable.has(name)));
  return { ...defaults, ...usable };
};
