import type * as z from 'zod';

/** One run of a workspace's compute: everything a kind may know of it. */
export interface Run<Spec> {
  workspace: { id: string; name: string; owner: { id: string; name: string } };
  /** Fences late calls: a kind never touches compute of a newer build. */
  build: { id: string; number: number };
  template: { name: string; version: number };
  spec: Spec;
  /**
   * What the agent needs to dial in. The token is good for one sign-on, for where no platform vouches for the agent. It is
   * a secret until then: never in arguments, logs or tags.
   */
  agent: { gatewayUrl: string; token: string };
}

export type WorkspaceRef = Pick<Run<unknown>['workspace'], 'id'>;

/**
 * One step closer. `settled: false` means: call again after `again` milliseconds. A failure that calling again cannot
 * mend is thrown as a `BerthError` `compute_failed` that says what to do.
 */
export type Progress = { settled: true; detail: string } | { settled: false; detail: string; again: number };

export type Observation =
  | { state: 'absent' }
  | { state: 'starting' | 'running' | 'stopped' | 'failed'; buildId?: string; detail: string };

export interface PlannedResource {
  type: string;
  name: string;
  /** Persists when the workspace stops. */
  kept: boolean;
}

export interface Plan {
  resources: PlannedResource[];
}

/** What a kind knows of templates, which takes nothing of what moves compute. */
export type TemplateKind<Spec> = Pick<ComputeKind<Spec>, 'name' | 'spec' | 'plan'>;

/**
 * A kind of compute. Level-triggered: each call looks, moves one step closer, and says whether it is settled.
 * Calling again is always safe; "already gone" is done; a call for an older build than the one that runs does nothing.
 */
export interface ComputeKind<Spec> {
  /** As the template file names it. */
  readonly name: string;
  /** Checks `compute.spec`; strict, so that a misspelt field is refused. */
  readonly spec: z.ZodType<Spec>;
  /** What a run would create. Creates nothing. */
  plan(run: Omit<Run<Spec>, 'agent'>): Plan;
  /** Towards a running agent of this build. */
  apply(run: Run<Spec>): Promise<Progress>;
  /** Towards no compute running; what persists is kept. */
  stop(workspace: WorkspaceRef): Promise<Progress>;
  /** Towards nothing left at all, the home included. */
  destroy(workspace: WorkspaceRef): Promise<Progress>;
  observe(workspace: WorkspaceRef): Promise<Observation>;
  /** Every workspace of which anything exists, for the reconciler to compare with the table. */
  listOwned(): AsyncIterable<{ workspaceId: string; buildId?: string }>;
}
