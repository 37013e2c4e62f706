import type { Autostart } from '../contracts/autostart.ts';
import type { AuditEvent, AutostartWake, StopWake, WorkflowInput, WorkflowName } from '../contracts/events.ts';

/** The clock that is handed in, so that rules can be asked about any moment. */
export type Clock = () => Date;

// ---- table ---------------------------------------------------------------------------------------------------------

export interface Key {
  pk: string;
  sk: string;
}
export type Value = string | number | boolean | null | Value[] | { [key: string]: Value };

/** An item holds at most 400 KB. `undefined` is not a value: leave the attribute out. */
export interface Item extends Key {
  [attribute: string]: Value;
}

/**
 * The secondary indexes. An item is in index `x` when it has the string attributes `<x>Pk` and `<x>Sk`.
 * `list`: what a screen lists; `all`: the same across owners; `due`: what is to be done, by time.
 */
export type Index = 'list' | 'all' | 'due';

/** All given parts must hold. An absent item fails `equals` and `atMost` unless the attribute is absent too in `atMost`. */
export interface Condition {
  /** No item has the key. */
  absent?: true;
  /** An item has the key. */
  present?: true;
  /** The item has these attributes with exactly these values. */
  equals?: Record<string, string | number | boolean>;
  /** Each attribute is a number not above the given one, or absent (which counts as 0). */
  atMost?: Record<string, number>;
}

export type Change =
  /** Replaces the whole item. */
  | { put: Item; when?: Condition }
  | { delete: Key; when?: Condition }
  /** Adds to number attributes (absent counts as 0), making the item when it is absent. */
  | { add: Key; amounts: Record<string, number>; when?: Condition }
  /** Changes nothing, only demands. */
  | { check: Key; when: Condition };

export interface Query {
  pk: string;
  index?: Index;
  /** Sort keys that begin so. */
  prefix?: string;
  /** Sort keys from this one on, inclusive. */
  from?: string;
  /** Sort keys up to this one, inclusive. */
  to?: string;
  /** `true` for descending sort keys. */
  reverse?: boolean;
  /** 1 to 1,000. */
  limit: number;
  /** `next` of the page before. One that was not made by this query is an `invalid_request` BerthError. */
  cursor?: string;
}

export interface Page {
  items: Item[];
  next?: string;
}

/** What a write that changed an item leaves in the change stream, in order per item. */
export interface ChangeRecord {
  /** Its place in the stream, rising; opaque, for DynamoDB's has more digits than a number keeps. */
  seq: string;
  key: Key;
  before?: Item;
  after?: Item;
}

/** A condition of `Table.write` did not hold; nothing was written. */
export class WriteConflict extends Error {
  override readonly name = 'WriteConflict';
  /** Which changes lost, by their place in `changes`, and the item that won, when there is one. */
  readonly lost: { index: number; current: Item | undefined }[];
  constructor(lost: { index: number; current: Item | undefined }[]) {
    super(`write lost: ${lost.map(({ index }) => `change ${index}`).join(', ')}`);
    this.lost = lost;
  }
}

/**
 * The narrow port that DynamoDB and SQLite keep alike. `get` and `query` without index read what was last written;
 * an index may lag by a moment.
 */
export interface Table {
  get(key: Key): Promise<Item | undefined>;
  query(query: Query): Promise<Page>;
  /** All or nothing, 1 to 100 changes of different items. Throws `WriteConflict` when a condition does not hold. */
  write(changes: readonly Change[]): Promise<void>;
}

// ---- workflows, schedules, audit -----------------------------------------------------------------------------------

export interface Workflows {
  /** Starts an execution; one that already runs or ran under the name is left as it is. */
  start(workflow: WorkflowName, executionName: string, input: WorkflowInput): Promise<void>;
  /** Ends the wait behind a task token; one that is no longer waited for is done already. */
  succeed(taskToken: string, output: Record<string, Value>): Promise<void>;
  fail(taskToken: string, error: string, cause: string): Promise<void>;
}

export interface Scheduler {
  /** Wakes the stop handler at `at` (or at once when that is past). The same id again moves it. */
  put(id: string, at: Date, payload: StopWake): Promise<void>;
  /** Removes a schedule; one that is not there is done already. */
  remove(id: string): Promise<void>;
  /**
   * Wakes the autostart handler at each of an autostart's moments, by the clocks of its time zone. The same id again
   * replaces it. A moment that the clocks leave out may be left out too: the sweep sees to that one.
   */
  putRecurring(id: string, autostart: Autostart, payload: AutostartWake): Promise<void>;
  /** Removes it; one that is not there is done already. It has nothing to do with the id's one-off schedule. */
  removeRecurring(id: string): Promise<void>;
}

export interface AuditStream {
  /** Durable when it resolves. May deliver an event twice; consumers go by `id`. */
  put(events: readonly AuditEvent[]): Promise<void>;
}

// ---- agents ---------------------------------------------------------------------------------------------------------

/** The installation's secret that signs agent tokens. Only what makes or reads them is handed it. */
export type AgentKey = () => Promise<string>;

/** A pod as its cluster vouches for it. */
export interface PodIdentity {
  namespace: string;
  pod: string;
}

/** A virtual machine as EC2 vouches for it. */
export interface InstanceIdentity {
  instanceId: string;
}

/**
 * The platforms that vouch for agents; one that this installation does not use is left out. Each throws a `BerthError`
 * `agent_refused` for what the platform did not say, and any other error when it cannot be asked.
 */
export interface AgentIdentities {
  kubernetes?: (token: string) => Promise<PodIdentity>;
  ec2?: (document: string, signature: string) => Promise<InstanceIdentity>;
}

// ---- people --------------------------------------------------------------------------------------------------------

/** What a verified sign-in token says. */
export interface SignIn {
  subject: string;
  name: string;
  displayName?: string;
  /** Only when the provider has verified it. */
  email?: string;
  groups: string[];
  /** When the provider said all this. */
  issuedAt: Date;
  /** When the person signed in, if the token says so; renewing a token does not change it. */
  signedInAt?: Date;
}

export interface Identity {
  /** Verifies a sign-in (access) token. Throws a `BerthError` `unauthenticated` for anything that is not a valid one. */
  verify(token: string): Promise<SignIn>;
}

// ---- secrets -------------------------------------------------------------------------------------------------------

/** What a sealed secret is and whose; at least one pair. It is no secret itself: KMS writes it into its own log. */
export type SealContext = Readonly<Record<string, string>>;

/**
 * Encrypts small secrets for the table, each bound to its context. Who may only seal is handed `seal` alone, who may
 * only open `open`.
 */
export interface Sealer {
  /** At most 4,096 bytes, as KMS takes. The answer is ASCII, another one each time. */
  seal(plaintext: Uint8Array, context: SealContext): Promise<string>;
  /** Throws for what was changed, was sealed with another context, or by another installation. */
  open(sealed: string, context: SealContext): Promise<Uint8Array>;
}
