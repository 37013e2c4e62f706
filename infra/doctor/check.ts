import type { Verdict } from '../../contracts/doctor.ts';
import type { Addresses } from '../installation.ts';
import type { Settings } from '../settings.ts';
import type { Clients } from './clients.ts';
import type { Deployment } from './deployment.ts';

/** What checks look at; made once. */
export interface Context {
  settings: Settings;
  addresses: Addresses;
  /** Of the installation's region. */
  aws: Clients;
  /** Of us-east-1, where the portal's stack and certificate are. */
  edge: Clients;
  /** Of the gateway's further regions. */
  further: ReadonlyMap<string, Clients>;
  /** What is deployed, as far as it is. */
  deployment: Deployment;
  fetch: typeof fetch;
  /** Names of the servers that DNS has for a zone. */
  nameServers: (zone: string) => Promise<string[]>;
  /** Which region the environment speaks of, if any. */
  environmentRegion: string | undefined;
  now: Date;
}

/** One thing that must be so. It may throw; its error is then told as its finding, and stops nothing else. */
export interface Check {
  name: string;
  /** `before`: what a deployment needs, and an upgrade is one. `after`: what must hold once it is deployed. */
  when: 'before' | 'after';
  /** `aws` takes credentials. */
  asks: 'aws' | 'web';
  run(context: Context): Promise<Verdict[]>;
}

/** The answer, or `undefined` when AWS says by one of these errors that there is none. */
export const unlessAbsent = async <T>(names: string[], asked: Promise<T>): Promise<T | undefined> => {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof Error && names.includes(error.name)) return undefined;
    throw error;
  }
};
