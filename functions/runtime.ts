import type { Log } from '../base/log.ts';
import type { Trouble } from '../contracts/troubles.ts';
import type { AgentKey } from '../core/ports/agent-identities.ts';
import type { AuditStream } from '../core/ports/audit-stream.ts';
import type { ComputeKinds, TemplateKinds } from '../core/ports/compute-kind.ts';
import type { Identity } from '../core/ports/identity.ts';
import type { Scheduler } from '../core/ports/scheduler.ts';
import type { Sealer } from '../core/ports/sealer.ts';
import type { Workflows } from '../core/ports/workflows.ts';
import type { Rules } from '../core/rules.ts';
import type { AppAddress } from '../core/workspaces/view.ts';

/** What sign-in needs to know on the side of portal and CLI. */
export interface SignInConfig {
  issuer: string;
  clientId: string;
  resource?: string;
  scope: string;
}

/** Everything there is to work with. Only the local server has all of it. */
export interface Runtime {
  rules: Rules;
  identity: Identity;
  compute: ComputeKinds;
  workflows: Workflows;
  scheduler: Scheduler;
  audit: AuditStream;
  /** Handed to what makes agent tokens, and to nothing else. */
  agentKey: AgentKey;
  /** Nothing that answers requests opens what it sealed. */
  sealer: Pick<Sealer, 'seal'>;
  appAddress: AppAddress;
  /** Where agents dial in. */
  gatewayUrl: string;
  signIn: SignInConfig;
  /** Where people of this installation ask for help: a page or a mail address, as a URL. */
  support?: string | undefined;
  /** What holds something up, newest state; left out where others tell of it. */
  troubles?: () => Trouble[];
  log: Log;
}

/**
 * What each kind of function is handed: made once at the edge (on AWS per cold start, locally per process). A function
 * on AWS has rights to these parts alone, so a part that is not named here is one that it cannot reach.
 */
export type PublicRuntime = Pick<Runtime, 'appAddress' | 'signIn' | 'support' | 'troubles' | 'log'>;
export type ApiRuntime = PublicRuntime & Pick<Runtime, 'rules' | 'identity'>;
export type SealingRuntime = ApiRuntime & Pick<Runtime, 'sealer'>;
/** Knows what the kinds of compute take and would create, and moves nothing. */
export type TemplateFileRuntime = ApiRuntime & { compute: TemplateKinds };
/** Of the change stream: what makes things happen, and what delivers the audit. */
export type StreamRuntime = Pick<Runtime, 'workflows' | 'scheduler' | 'log'>;
export type AuditRuntime = Pick<Runtime, 'audit' | 'log'>;
/**
 * Of the steps: those that only read and write the build, those that move compute, and the one that starts an agent.
 */
export type BuildRuntime = Pick<Runtime, 'rules' | 'log'>;
export type ComputeRuntime = BuildRuntime & Pick<Runtime, 'compute'>;
export type StartRuntime = ComputeRuntime & Pick<Runtime, 'agentKey' | 'gatewayUrl'>;
export type StopRuntime = Pick<Runtime, 'rules' | 'scheduler'>;
export type AutostartRuntime = StopRuntime & Pick<Runtime, 'log'>;
export type SweepRuntime = StopRuntime & Pick<Runtime, 'workflows' | 'compute' | 'log'>;
