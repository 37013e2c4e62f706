import { dirname, join } from 'node:path';
import { afterEach, vi } from 'vitest';
import { type EntryName, entryFile } from '../../bundles/entries.ts';
import { context } from './events.ts';

const root = dirname(dirname(import.meta.dirname));
const before = { ...process.env };
afterEach(() => {
  for (const name of Object.keys(process.env)) if (!(name in before)) delete process.env[name];
});

/** The credentials of a role as Lambda sets them, and an endpoint of this machine for all clients. */
export const awsEnvironment = (endpoint: string) => ({
  AWS_REGION: 'eu-central-1',
  AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
  AWS_SECRET_ACCESS_KEY: 'example',
  AWS_ENDPOINT_URL: endpoint,
});

type Handler = (event: unknown, of: typeof context) => Promise<unknown>;

/** Starts a function cold with an environment. */
export const givenFunction = async (name: EntryName, env: Record<string, string>) => {
  Object.assign(process.env, env);
  vi.resetModules();
  const { handler } = (await import(join(root, entryFile(name)))) as { handler: Handler };
  return <Result>(event: unknown) => handler(event, context) as Promise<Result>;
};
