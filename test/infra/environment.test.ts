import { globSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { entryNames as deployed, type EntryName, entryFile } from '../../bundles/entries.ts';
import { type VariableName, variables } from '../../contracts/settings/environment.ts';
import { readSettings } from '../../gateway/settings.ts';
import { synthesize } from './synth.ts';

const root = dirname(dirname(import.meta.dirname));
const { ofType } = synthesize();

/** Realistic values for CloudFormation references, by what they refer to. */
const exampleValues: [RegExp, string][] = [
  [/LaunchTemplate|Template\w*"/, 'lt-0123456789abcdef0'],
  [/LatestVersionNumber/, '1'],
  [/Endpoint/, 'https://cluster.example'],
  [/CertificateAuthorityData/, Buffer.from('certificate').toString('base64')],
  [/OpenIdConnectIssuerUrl/, 'https://issuer.example'],
  [/GroupId/, 'sg-0123456789abcdef0'],
  [/Subnet/, 'subnet-0123456789abcdef0'],
  [/SignInPool\w*/, 'eu-central-1_Example'],
  [/Arn|workspace|AgentKeySecret/, 'arn:aws:service:eu-central-1:111122223333:thing'],
];

const resolved = (value: unknown): string => {
  if (typeof value === 'string') return value;
  const join = (value as { 'Fn::Join'?: [string, unknown[]] })['Fn::Join'];
  if (join !== undefined) return join[1].map(resolved).join(join[0]);
  const text = JSON.stringify(value);
  return exampleValues.find(([pattern]) => pattern.test(text))?.[1] ?? 'name';
};

const environmentOf = (pairs: [string, unknown][]): Record<string, string> => ({
  AWS_REGION: 'eu-central-1',
  ...Object.fromEntries(pairs.map(([name, value]) => [name, resolved(value)])),
});

/** The environment variables of each function, by its logical id. */
const environments = new Map(
  ofType('AWS::Lambda::Function').map(([id, { Properties }]) => {
    const { Variables = {} } = (Properties['Environment'] ?? {}) as { Variables?: Record<string, unknown> };
    return [id, environmentOf(Object.entries(Variables))];
  }),
);

const idOf: Record<string, RegExp> = {
  'api-system': /Apisystem/,
  'api-people': /Apipeople/,
  'api-templates': /Apitemplates(?!files)/,
  'api-template-files': /Apitemplatefiles/,
  'api-workspaces': /Apiworkspaces/,
  'stream-workspaces': /Streamsworkspaces/,
  'stream-audit': /Streamsaudit/,
  'step-plan': /WorkflowsPlan/,
  'step-apply': /WorkflowsApply/,
  'step-await-agent': /WorkflowsAwaitAgent/,
  'step-complete': /WorkflowsComplete/,
  'step-explain': /WorkflowsExplain/,
  'step-clean-up': /WorkflowsCleanUp/,
  'step-fail': /WorkflowsFail/,
  'step-stop-compute': /WorkflowsStopCompute/,
  'step-destroy-compute': /WorkflowsDestroyCompute/,
  'schedule-stop': /Schedulesstop/,
  'schedule-autostart': /Schedulesautostart/,
  'schedule-sweep': /SchedulesSweep/,
  'schedule-pools': /ComputePools/,
  'sign-in-inbound-federation': /SignInInboundFederation/,
  'sign-in-pre-token': /SignInPreToken/,
};

const environmentOfEntry = (entry: string): Record<string, string> => {
  const found = [...environments].find(([id]) => idOf[entry]?.test(id));
  expect(found, `${entry} is deployed`).toBeDefined();
  return found?.[1] ?? {};
};

/** Loads a function's entry, as a cold start does. */
const start = async (entry: EntryName, environment: Record<string, string>) => {
  vi.resetModules();
  vi.unstubAllEnvs();
  for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value);
  try {
    return (await import(join(root, entryFile(entry)))) as { handler: unknown };
  } finally {
    vi.unstubAllEnvs();
  }
};

test('every entry is deployed', () => {
  const files = globSync('functions/entries/*/*.ts', { cwd: root, exclude: ['functions/entries/aws/**'] });
  expect(deployed.map(entryFile).sort()).toEqual(files.sort());
});

describe.each(deployed)('%s', (entry) => {
  test('starts with its environment variables, and needs each of them', async () => {
    const environment = environmentOfEntry(entry);
    const { handler } = await start(entry, environment);
    expect(handler).toBeTypeOf('function');
    for (const name of Object.keys(environment).filter((name) => name in variables && name.startsWith('BERTH_'))) {
      const { [name]: _, ...without } = environment;
      await expect(start(entry, without), `without ${name}`).rejects.toThrow(name);
    }
  });
});

test('the gateway reads its environment variables', () => {
  const task = ofType('AWS::ECS::TaskDefinition')[0]?.[1];
  const containers = task?.Properties['ContainerDefinitions'] as {
    Environment: { Name: VariableName; Value: unknown }[];
  }[];
  const environment = environmentOf((containers[0]?.Environment ?? []).map(({ Name, Value }) => [Name, Value]));
  const settings = readSettings({ ...environment, ECS_CONTAINER_METADATA_URI_V4: 'http://169.254.170.2/v4/id' });
  expect(settings).toMatchObject({ appDomain: 'apps.berth.example.com', portalUrl: 'https://berth.example.com' });
});
