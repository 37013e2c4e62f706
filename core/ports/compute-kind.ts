import type * as z from 'zod';

/** One run of a workspace's compute: everything that a kind may know of the workspace. */
export interface Run<Spec> {
  workspace: { id: string; name: string; owner: { id: string; name: string } };
  /** Fences late calls: a kind never touches the compute of a newer build. */
  build: { id: string; number: number };
  template: { name: string; version: number };
  spec: Spec;
  /**
   * What the agent needs to connect. The token authenticates an agent once, for kinds whose platform cannot vouch for
   * it. Until it is used it is a secret: keep it out of arguments, logs and tags.
   */
  agent: { gatewayUrl: string; token: string };
}

declare const isAuthorized: unique symbol;

/**
 * The permission to delete a workspace's home. Only core/homes/deletion-permit.ts creates one, from a record that a
 * person's request marked: a table that is empty, lost or restored from an older copy permits no deletion.
 */
export interface DeletionPermit {
  readonly workspaceId: string;
  readonly [isAuthorized]: true;
}

export type WorkspaceRef = Pick<Run<unknown>['workspace'], 'id'>;

/**
 * The outcome of one call. `settled: false` means: call again after `again` milliseconds. A failure that a repeated
 * call cannot repair is thrown as a `BerthError` `compute_failed` with its remedy.
 */
export type Progress =
  /** `notice`: what the owner should know although the call succeeded, such as a volume that could not grow. */
  { settled: true; detail: string; notice?: string } | { settled: false; detail: string; again: number };

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

/** When and why a home was quarantined. */
export interface Quarantine {
  /** ISO 8601. */
  since: string;
  reason: string;
}

/**
 * The names that a workspace had at its last start, as the compute kind recorded them, for the admins who decide about
 * its quarantined home. Only a hint for people, never used for decisions.
 */
export interface KnownAs {
  name?: string | undefined;
  /** The owner's user name. */
  owner?: string | undefined;
  template?: string | undefined;
}

/** What exists of one workspace. */
export interface Owned {
  workspaceId: string;
  /** The build whose compute runs. */
  buildId?: string;
  /** Set when the home is quarantined and no compute is left. */
  quarantine?: Quarantine;
  /** Absent where the kind does not record it. */
  knownAs?: KnownAs;
}

/**
 * A kind of compute. Level-triggered: each call observes, moves one step closer, and reports whether it has settled.
 * Calls may be repeated; a resource that is already gone counts as removed; a call for an older build than the one that
 * runs changes nothing. The contract suite, test/compute/contract.ts, checks all of this for every kind.
 */
export interface ComputeKind<Spec> {
  /** The name that template files use. */
  readonly name: string;
  /** Validates `compute.spec`; strict, so that a misspelled field is refused. */
  readonly spec: z.ZodType<Spec>;
  /** Lists what a run would create, without creating it. */
  plan(run: Omit<Run<Spec>, 'agent'>): Plan;
  /** Moves towards a running agent of this build. */
  apply(run: Run<Spec>): Promise<Progress>;
  /** Moves towards no running compute; keeps what persists. */
  stop(workspace: WorkspaceRef): Promise<Progress>;
  /**
   * Moves towards nothing left, the home included, even a quarantined one. Takes a `DeletionPermit`, which only the
   * record of a workspace that a person deleted yields: a workspace that the table does not know can only be
   * quarantined.
   */
  destroy(deletion: DeletionPermit): Promise<Progress>;
  /**
   * Moves towards no running compute, for a workspace that the table does not know. Keeps the home and marks it;
   * without a home, nothing stays. A repeated call keeps the first mark. `apply` for the same workspace uses the home
   * again and removes the mark.
   */
  quarantine(workspace: WorkspaceRef, mark: Quarantine): Promise<Progress>;
  observe(workspace: WorkspaceRef): Promise<Observation>;
  /** Every workspace of which anything exists, for the reconciler to compare with the table. */
  listOwned(): AsyncIterable<Owned>;
}

/** The part of a kind that validates templates and plans. It needs no access to the platform. */
export type TemplateKind<Spec = unknown> = Pick<ComputeKind<Spec>, 'name' | 'spec' | 'plan'>;

/** The kinds that are installed, by name. */
export interface KindRegistry<Kind> {
  /** Throws a `BerthError` `invalid_template` for a kind that is not installed. */
  get(name: string): Kind;
  all(): readonly Kind[];
}
export type ComputeKinds = KindRegistry<ComputeKind<unknown>>;
export type TemplateKinds = KindRegistry<TemplateKind>;
