import type { ComputeKind, Progress, Run } from '../../compute/kind.ts';
import type { WorkflowInput } from '../../contracts/events.ts';
import { BerthError } from '../../core/errors.ts';
import { oneTimeToken } from '../../core/secrets.ts';
import { checkedSpec } from '../../core/templates/compute-spec.ts';
import { resolveExpressions } from '../../core/templates/expressions.ts';
import { findVersion } from '../../core/templates/store.ts';
import { type BuildRecord, isActive, type WorkspaceRecord } from '../../core/workspaces/record.ts';
import { loadBuild, loadWorkspace } from '../../core/workspaces/store.ts';
import type { BuildRuntime, ComputeRuntime, StartRuntime } from '../runtime.ts';

/** A step's function: on AWS a Lambda named by its state, locally called by the same state of the same workflow. */
export type StepFunction<Input = WorkflowInput, Output = unknown, Parts = BuildRuntime> = (
  runtime: Parts,
) => (input: Input) => Promise<Output>;

export interface ActiveBuild {
  workspace: WorkspaceRecord;
  build: BuildRecord;
}

const over = () => new BerthError('build_canceled', 'The build is over or was canceled; there is nothing left to do.');

/** The build of an execution; `undefined` when it is over, or another one is the workspace's by now. */
export const findActive = async ({ rules }: BuildRuntime, input: WorkflowInput): Promise<ActiveBuild | undefined> => {
  const workspace = await loadWorkspace(rules.table, input.workspaceId);
  if (workspace === undefined || workspace.build.id !== input.buildId) return undefined;
  const build = await loadBuild(rules.table, workspace.id, workspace.build.number);
  return build !== undefined && isActive(build.status) ? { workspace, build } : undefined;
};

/** The same; `build_canceled` when it is over. */
export const loadActive = async (runtime: BuildRuntime, input: WorkflowInput): Promise<ActiveBuild> => {
  const active = await findActive(runtime, input);
  if (active === undefined) throw over();
  return active;
};

/** The same, for steps that must not go on once somebody canceled. */
export const loadWanted = async (runtime: BuildRuntime, input: WorkflowInput): Promise<ActiveBuild> => {
  const active = await loadActive(runtime, input);
  if (active.build.cancel) throw over();
  return active;
};

export interface ComputeOfBuild {
  kind: ComputeKind<unknown>;
  run: Omit<Run<unknown>, 'agent'>;
  startupTimeout: string;
  appNames: string[];
}

/** The kind of compute that a build's template names, and what it is to run. `invalid_template` when it cannot. */
export const computeOf = async (
  runtime: ComputeRuntime,
  { workspace, build }: ActiveBuild,
): Promise<ComputeOfBuild> => {
  const { file } = await findVersion(runtime.rules.table, build.template.name, build.template.version);
  const kind = runtime.compute.get(file.compute.kind);
  const owner = { id: workspace.ownerId, name: workspace.ownerName };
  const spec = resolveExpressions(file.compute.spec, {
    parameters: build.parameters,
    workspace: { id: workspace.id, name: workspace.name, owner: owner.name },
  });
  return {
    kind,
    startupTimeout: file.agent.startupTimeout,
    appNames: file.apps.map(({ name }) => name),
    run: {
      workspace: { id: workspace.id, name: workspace.name, owner },
      build: { id: build.id, number: build.number },
      template: build.template,
      spec: checkedSpec(kind, spec),
    },
  };
};

/** What a build's compute is handed for its agent. */
export const agentOf = async (
  { agentKey, gatewayUrl }: StartRuntime,
  { workspace, build }: ActiveBuild,
): Promise<Run<unknown>['agent']> => ({
  gatewayUrl,
  token: oneTimeToken(await agentKey(), workspace.id, build.number),
});

/** What a step that moves compute tells its workflow. */
export interface Settled {
  settled: boolean;
  /** Whole seconds until the next look, as a Wait state takes them. */
  waitSeconds: number;
}

/**
 * Waiting here is cheaper than the two state transitions of a Wait (0.00005 USD, as much as 15 s of a function), and
 * keeps a VM's start of half a minute below 20 of them.
 */
const patienceMs = 8_000;
/** A kind that says "at once" must not make a step spin. */
const shortestPauseMs = 10;

/**
 * Moves compute until it is settled, or until it says that it takes longer than a step should wait. Before each further
 * move `stillWanted` is asked, and throws when the build was canceled or is over: a step that waited for its next look
 * while its own retry was quicker would else stop what a newer build runs.
 */
export const untilSettled = async (
  move: () => Promise<Progress>,
  stillWanted: () => Promise<unknown>,
): Promise<Settled> => {
  for (let waited = 0; ; ) {
    const progress = await move();
    if (progress.settled) return { settled: true, waitSeconds: 0 };
    if (waited + progress.again > patienceMs) return { settled: false, waitSeconds: Math.ceil(progress.again / 1000) };
    const pause = Math.max(progress.again, shortestPauseMs);
    await new Promise((resolve) => setTimeout(resolve, pause));
    waited += pause;
    await stillWanted();
  }
};
