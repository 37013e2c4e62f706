import { type BackOff, backOffMs, noJitter } from '../../base/back-off.ts';
import type { WorkflowInput } from '../../contracts/workspaces/workflows.ts';
import { oneTimeToken } from '../../core/crypto/secrets.ts';
import { BerthError } from '../../core/errors.ts';
import type { ComputeKind, Progress, Run } from '../../core/ports/compute-kind.ts';
import { checkedSpec } from '../../core/templates/evaluation/compute-spec.ts';
import { resolveExpressions } from '../../core/templates/file/expressions.ts';
import { findVersion } from '../../core/templates/template-store.ts';
import { type BuildRecord, isActive } from '../../core/workspaces/records/build-record.ts';
import type { WorkspaceRecord } from '../../core/workspaces/records/workspace-record.ts';
import { loadBuild, loadWorkspace } from '../../core/workspaces/store.ts';
import type { BuildRuntime, ComputeRuntime, StartRuntime } from '../runtime.ts';

/** The function of a workflow state: on AWS a Lambda function of the same name, locally a direct call. */
export type StepFunction<Input = WorkflowInput, Output = unknown, Parts = BuildRuntime> = (
  runtime: Parts,
) => (input: Input) => Promise<Output>;

export interface ActiveBuild {
  workspace: WorkspaceRecord;
  build: BuildRecord;
}

const buildEnded = () =>
  new BerthError('build_canceled', 'The build has ended or was canceled; there is nothing left to do.');

/** The build of an execution; `undefined` when it ended, or when the workspace has a newer one. */
export const findActive = async ({ rules }: BuildRuntime, input: WorkflowInput): Promise<ActiveBuild | undefined> => {
  const workspace = await loadWorkspace(rules.table, input.workspaceId);
  if (workspace === undefined || workspace.build.id !== input.buildId) return undefined;
  const build = await loadBuild(rules.table, workspace.id, workspace.build.number);
  return build !== undefined && isActive(build.status) ? { workspace, build } : undefined;
};

/** Like `findActive`; throws `build_canceled` when the build ended. */
export const loadActive = async (runtime: BuildRuntime, input: WorkflowInput): Promise<ActiveBuild> => {
  const active = await findActive(runtime, input);
  if (active === undefined) throw buildEnded();
  return active;
};

/** Like `loadActive`, for steps that must not continue after a cancel. */
export const loadWanted = async (runtime: BuildRuntime, input: WorkflowInput): Promise<ActiveBuild> => {
  const active = await loadActive(runtime, input);
  if (active.build.cancel) throw buildEnded();
  return active;
};

interface ComputeOfBuild {
  kind: ComputeKind<unknown>;
  run: Omit<Run<unknown>, 'agent'>;
  startupTimeout: string;
  appNames: string[];
}

/** The compute kind of a build's template, and what to run. Throws `invalid_template`. */
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

/** The settings that the compute passes to the agent. */
export const agentOf = async (
  { agentKey, gatewayUrl }: StartRuntime,
  { workspace, build }: ActiveBuild,
): Promise<Run<unknown>['agent']> => ({
  gatewayUrl,
  token: oneTimeToken(await agentKey(), workspace.id, build.number, build.launch),
});

/** Output of a step that moves compute. */
export interface Settled {
  settled: boolean;
  /** Seconds until the next call, for a Wait state. */
  waitSeconds: number;
  /** Number of calls so far, when not settled. */
  looks?: number;
  /** A warning for the owner of a successful start. */
  notice?: string;
}

const given = (notice: string | undefined) => (notice === undefined ? {} : { notice });

/**
 * How long a step waits itself, for compute that is about to settle. A waiting function counts towards the account's
 * concurrency limit of 1,000, so longer waits belong into a Wait state, which costs no concurrency.
 */
export const patienceMs = 1_000;
/** Each call costs three state transitions, so the waits grow: half a minute takes six calls. */
const waits: BackOff = { firstDelayMs: 1_000, longestDelayMs: 10_000, jitter: noJitter };

/** Seconds until the next call: the time that the compute kind requests, or more after several calls. */
export const waitAfter = (looks: number, again: number): number =>
  Math.ceil(Math.max(again, backOffMs(looks + 1, waits)) / 1_000);

/** Shown while the workflow retries a step that could not reach the compute platform. */
const retrying = 'The compute platform does not respond. Berth keeps trying for some minutes.';
/** Lower limit of the pause, for a compute kind that requests none. */
const shortestPauseMs = 10;

/**
 * Moves compute until it is settled, or until it needs more time than a step should wait. `stillWanted` runs before
 * each further move and throws when the build was canceled or ended: otherwise a slow step, whose retry ended the build
 * meanwhile, could stop the compute of a newer build. `note` receives every change of what the compute waits for, so
 * that people see for example a full cluster before the timeout.
 */
export const untilSettled = async (
  move: () => Promise<Progress>,
  stillWanted: () => Promise<unknown>,
  note: (detail: string) => Promise<void>,
  before?: Settled,
): Promise<Settled> => {
  let noted: string | undefined;
  const moved = async (): Promise<Progress> => {
    try {
      return await move();
    } catch (error) {
      // The workflow retries for minutes; people who watch the build should see why it waits.
      if (error instanceof BerthError && error.name === 'compute_unreachable') await note(retrying);
      throw error;
    }
  };
  for (let waited = 0; ; ) {
    const progress = await moved();
    if (progress.settled) return { settled: true, waitSeconds: 0, ...given(progress.notice) };
    if (progress.detail !== noted) await note(progress.detail);
    noted = progress.detail;
    if (waited + progress.again > patienceMs) {
      const looks = before?.looks ?? 0;
      return { settled: false, waitSeconds: waitAfter(looks, progress.again), looks: looks + 1 };
    }
    const pause = Math.max(progress.again, shortestPauseMs);
    await new Promise((resolve) => setTimeout(resolve, pause));
    waited += pause;
    await stillWanted();
  }
};
