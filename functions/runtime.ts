import type { ComputeRegistry } from '../compute/registry.ts';
import type { AuditStream, Identity, Scheduler, Workflows } from '../core/ports.ts';
import type { Rules } from '../core/rules.ts';
import type { AppAddress } from '../core/workspaces/view.ts';

/** What sign-in needs to know on the side of portal and CLI. */
export interface SignInConfig {
  issuer: string;
  clientId: string;
  resource?: string;
  scope: string;
}

export type Log = (level: 'info' | 'warn' | 'error', message: string, fields?: Record<string, unknown>) => void;

/** Everything a function works with: made once at the edge (on AWS per cold start, locally per process) and handed in. */
export interface Runtime {
  rules: Rules;
  identity: Identity;
  compute: ComputeRegistry;
  workflows: Workflows;
  scheduler: Scheduler;
  audit: AuditStream;
  appAddress: AppAddress;
  /** Where agents dial in. */
  gatewayUrl: string;
  signIn: SignInConfig;
  log: Log;
}
