import type { Log } from '../base/log.ts';
import type { Incident } from '../contracts/incident.ts';
import type { AgentKey } from '../core/ports/agent-identities.ts';
import type { AuditStream } from '../core/ports/audit-stream.ts';
import type { ComputeKinds, TemplateKinds } from '../core/ports/compute-kind.ts';
import type { Identity } from '../core/ports/identity.ts';
import type { Scheduler } from '../core/ports/scheduler.ts';
import type { Sealer } from '../core/ports/sealer.ts';
import type { Workflows } from '../core/ports/workflows.ts';
import type { Rules } from '../core/rules.ts';
import type { AppAddress } from '../core/workspaces/view.ts';

/** The settings with which the portal and the CLI sign people in. */
export interface SignInConfig {
  issuer: string;
  clientId: string;
  resource?: string;
  scope: string;
}

/** The dependencies of all functions. Only the local server has all of them. */
export interface Runtime {
  rules: Rules;
  identity: Identity;
  compute: ComputeKinds;
  workflows: Workflows;
  scheduler: Scheduler;
  audit: AuditStream;
  /** Only for functions that create agent tokens. */
  agentKey: AgentKey;
  /** Without `open`: no function that handles requests unseals secrets. */
  sealer: Pick<Sealer, 'seal'>;
  appAddress: AppAddress;
  /** The URL to which agents connect. */
  gatewayUrl: string;
  signIn: SignInConfig;
  /** The URL of the support page or email address for people of this installation. */
  support?: string | undefined;
  /** Returns the current incidents; absent on AWS, where alarms report them. */
  incidents?: () => Incident[];
  log: Log;
}

/**
 * The dependencies of each kind of function, created once: on AWS per cold start, locally per process. On AWS a
 * function has permissions for these only.
 */
export type PublicRuntime = Pick<Runtime, 'appAddress' | 'signIn' | 'support' | 'incidents' | 'log'>;
export type ApiRuntime = PublicRuntime & Pick<Runtime, 'rules' | 'identity'>;
export type SealingRuntime = ApiRuntime & Pick<Runtime, 'sealer'>;
/** Validates and previews specs of the compute kinds, but changes no compute. */
export type TemplateFileRuntime = ApiRuntime & { compute: TemplateKinds };
/** The consumers of the change stream: of workspaces and builds, and of audit events. */
export type StreamRuntime = Pick<Runtime, 'workflows' | 'scheduler' | 'log'>;
export type AuditRuntime = Pick<Runtime, 'audit' | 'log'>;
/** Steps that only read and write the build, steps that also change compute, and the step that starts an agent. */
export type BuildRuntime = Pick<Runtime, 'rules' | 'log'>;
export type ComputeRuntime = BuildRuntime & Pick<Runtime, 'compute'>;
export type StartRuntime = ComputeRuntime & Pick<Runtime, 'agentKey' | 'gatewayUrl'>;
export type StopRuntime = Pick<Runtime, 'rules' | 'scheduler'>;
export type AutostartRuntime = StopRuntime & Pick<Runtime, 'log'>;
export type SweepRuntime = StopRuntime & Pick<Runtime, 'workflows' | 'compute' | 'log'>;
