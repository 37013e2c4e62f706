import type { Verdict } from '../../../contracts/doctor.ts';
import type { Addresses } from '../../settings/installation.ts';
import type { Settings } from '../../settings/settings.ts';
import type { Clients } from './clients.ts';
import type { Deployment } from './deployment.ts';

/** What checks examine; created once per run. */
export interface Context {
  settings: Settings;
  addresses: Addresses;
  /** Clients of the installation's region. */
  aws: Clients;
  /** Clients of us-east-1, where the portal's stack and certificate are. */
  edge: Clients;
  /** Clients of the gateway's further regions. */
  further: ReadonlyMap<string, Clients>;
  /** The deployed stacks; empty before the first deployment. */
  deployment: Deployment;
  fetch: typeof fetch;
  /** Looks up the name servers of a zone in DNS. */
  nameServers: (zone: string) => Promise<string[]>;
  /** The region that the environment's variables name, if any. */
  environmentRegion: string | undefined;
  now: Date;
}

/** One check. If it throws, the error becomes its finding, and the other checks still run. */
export interface Check {
  name: string;
  /** `before`: what a deployment or an upgrade needs. `after`: what must hold once Berth is deployed. */
  when: 'before' | 'after';
  /** What it queries; `aws` needs credentials. */
  queries: 'aws' | 'web';
  run(context: Context): Promise<Verdict[]>;
}

/**
 * Returns the response, or `undefined` if the request fails with one of these errors, which mean that nothing was
 * found.
 */
export const unlessAbsent = async <T>(names: string[], request: Promise<T>): Promise<T | undefined> => {
  try {
    return await request;
  } catch (error) {
    if (error instanceof Error && names.includes(error.name)) return undefined;
    throw error;
  }
};
