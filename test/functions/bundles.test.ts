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

/** What a function's code may weigh: an API's answers a person who waits, while it starts. */
const largest = (name: string) => (name.startsWith('api-') ? 600_000 : 1_000_000);

test('every entry is deployed, and everything deployed has its entry', () => {
  const files = globSync('functions/entries/*/*.ts', { exclude: ['functions/entries/aws/**'] });
  expect(files.sort()).toEqual(entryNames.map(entryFile).sort());
});

test.each(entryNames)('%s is small enough, and is one file', (name) => {
  expect(outputOf(name)?.bytes).toBeLessThan(largest(name));
  expect(outputOf(name)?.imports.filter(({ kind }) => kind !== 'require-call')).toEqual([]);
});

test.each(entryNames.filter((name) => name.startsWith('api-')))('%s can reach no compute, workflow or key', (name) => {
  const others = /client-(ec2|auto-scaling|sfn|scheduler|kinesis|secrets-manager)|^compute\/(ec2|kubernetes)/;
  // It holds templates against what the kinds take, and has nothing that could move them.
  const moving =
    /client-(ec2|auto|sfn|sched|kinesis|secrets)|^compute\/ec2\/(ec2\.|context|aws|leases|lifecycle|pools|worker)|^compute\/kubernetes\/(kubernetes\.|api)/;
  const refused = name === 'api-template-files' ? moving : others;
  expect(sourcesOf(name).filter((source) => refused.test(source))).toEqual([]);
});

test('what anybody may call cannot even reach the table', () => {
  expect(sourcesOf('api-system').filter((source) => source.includes('@aws-sdk'))).toEqual([]);
});

/** In a process of its own, with nothing but Node: no package is found beside it. */
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

test.each(entryNames)('%s loads without anything beside it', (name) => {
  expect(runAlone(name, { skip: true })).toBe('loaded');
});

test('a bundled API answers', () => {
  const answer = runAlone('api-system', apiEvent('GET', '/api/health')) as { statusCode: number; body: string };
  expect(answer.statusCode).toBe(200);
  expect(JSON.parse(answer.body)).toMatchObject({ status: 'ok' });
});
