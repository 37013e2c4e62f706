import { execFileSync } from 'node:child_process';
import { globSync } from 'node:fs';
import { join } from 'node:path';
import type { Metafile } from 'esbuild';
import { beforeAll, expect, test } from 'vitest';
import { entryFile, entryNames } from '../../bundles/entries.ts';
import { bundleEntries } from '../../bundles/functions.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { berthEnvironment } from './environment.ts';
import { apiEvent } from './events.ts';
import { awsEnvironment } from './lambda.ts';

const folder = temporaryFolder();
let outputs: Metafile['outputs'];
beforeAll(async () => {
  ({ outputs } = await bundleEntries(folder));
});

const outputOf = (name: string) => Object.entries(outputs).find(([file]) => file.endsWith(`${name}/index.mjs`))?.[1];
const sourcesOf = (name: string) => Object.keys(outputOf(name)?.inputs ?? {});

/**
 * The size limit of a function in bytes. It is lower for API functions, because a person waits for their cold start.
 */
const largest = (name: string) => (name.startsWith('api-') ? 600_000 : 1_000_000);

test('every entry is deployed, and everything deployed has its entry', () => {
  const files = globSync('functions/entries/*/*.ts', { exclude: ['functions/entries/aws/**'] });
  expect(files.sort()).toEqual(entryNames.map(entryFile).sort());
});

test.each(entryNames)('%s is a single file below the size limit', (name) => {
  expect(outputOf(name)?.bytes).toBeLessThan(largest(name));
  expect(outputOf(name)?.imports.filter(({ kind }) => kind !== 'require-call')).toEqual([]);
});

test.each(entryNames.filter((name) => name.startsWith('api-')))(
  '%s contains no client of compute, workflows or keys',
  (name) => {
    const others = /client-(ec2|auto-scaling|sfn|scheduler|kinesis|secrets-manager)|^compute\/(ec2|kubernetes)/;
    // It validates templates for the kinds, but has no client that could change compute.
    const moving =
      /client-(ec2|auto|sfn|sched|kinesis|secrets)|^compute\/ec2\/(ec2\.|context|aws|leases|lifecycle|pools|worker)|^compute\/kubernetes\/(kubernetes\.|api)/;
    const refused = name === 'api-template-files' ? moving : others;
    expect(sourcesOf(name).filter((source) => refused.test(source))).toEqual([]);
  },
);

test('public routes cannot reach the table', () => {
  expect(sourcesOf('api-system').filter((source) => source.includes('@aws-sdk'))).toEqual([]);
});

/** Runs a bundle in a process of its own, in which no package can be imported. */
const runAlone = (name: string, event: object): unknown => {
  const script = `
    const { handler } = await import(process.argv[1]);
    const context = { awsRequestId: 'alone', getRemainingTimeInMillis: () => 5000 };
    const event = JSON.parse(process.argv[2]);
    process.stdout.write(JSON.stringify(typeof handler === 'function' && (event.skip ? 'loaded' : await handler(event, context))));
    process.exit();`;
  const args = ['--input-type=module', '-e', script, join(folder, name, 'index.mjs'), JSON.stringify(event)];
  const env = { ...awsEnvironment('http://127.0.0.1:9'), ...berthEnvironment };
  return JSON.parse(execFileSync(process.execPath, args, { env, cwd: folder, encoding: 'utf8' }));
};

test.each(entryNames)('%s loads without any package', (name) => {
  expect(runAlone(name, { skip: true })).toBe('loaded');
});

test('a bundled API function handles a request', () => {
  const response = runAlone('api-system', apiEvent('GET', '/api/health')) as { statusCode: number; body: string };
  expect(response.statusCode).toBe(200);
  expect(JSON.parse(response.body)).toMatchObject({ status: 'ok' });
});
