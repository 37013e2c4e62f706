import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { readSettings } from '../../infra/settings/read-settings.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const exampleFile = join(dirname(dirname(import.meta.dirname)), 'infra', 'settings.example.yaml');
const folder = temporaryFolder();

const given = (settings: unknown): string => {
  const file = join(folder, 'berth.config.yaml');
  writeFileSync(file, typeof settings === 'string' ? settings : stringify(settings));
  return file;
};

const example = () => parse(readFileSync(exampleFile, 'utf8')) as Record<string, Record<string, unknown>>;

/** The problems that an invalid settings file is refused with. */
const problemsOf = (settings: unknown): string[] => {
  try {
    readSettings(given(settings));
    return [];
  } catch (error) {
    return (error as Error).message.split('\n').slice(1);
  }
};

test('the example is valid', () => {
  expect(readSettings(exampleFile)).toMatchObject({ name: 'Berth', gateway: { replicas: 2, sleepWhenIdle: true } });
});

test('all problems are reported at once, each with the path of its setting', () => {
  const problems = problemsOf({
    account: 123,
    region: 'eu-central-1',
    domain: {
      name: 'Berth.example.com',
      hostedZone: { id: 'q', name: 'other.com' },
      certificates: { regional: 'a', portal: 'arn:aws:acm:eu-central-1:111122223333:certificate/1' },
    },
    network: { new: { zones: ['us-east-1a', 'us-east-1b'], typo: 1 } },
    signIn: { domainPrefix: 'A' },
    roles: {},
    logRetentionDays: 8,
    alarms: { email: 'nobody' },
  });
  const report = problems.join('\n');
  for (const problem of [
    'account: must be',
    'domain.name: must be a domain name',
    'domain.name: is not in the zone other.com',
    'domain.hostedZone.id: must be an ID such as',
    'domain.certificates.regional: must be the ARN',
    'domain: give exactly one of hostedZone and certificates',
    'domain.certificates.portal: is not in us-east-1',
    'network.new.zones: us-east-1a is not a zone of eu-central-1',
    'network.new: Unrecognized key: "typo"',
    'signIn.domainPrefix: may contain only',
    'signIn: give exactly one of saml and oidc',
    'roles.admin: ',
    'logRetentionDays: must be one of',
    'alarms.email: ',
    'give kubernetes or vmPools',
  ]) {
    expect(report).toContain(problem);
  }
});

describe('a rule between settings', () => {
  const pool = () => (example()['vmPools'] as unknown as Record<string, unknown>[])[0] ?? {};

  test.each<[string, Record<string, unknown>]>([
    [
      'domain.apps: must not be berth.example.com or a parent of it',
      { domain: { ...example()['domain'], apps: 'example.com' } },
    ],
    ['vmPools.1.name: is the name of another pool', { vmPools: [pool(), pool()] }],
    ['vmPools.0.cap: is less than the 9 spares', { vmPools: [{ ...pool(), cap: 8 }] }],
    ['vmIdentityCertificates: is required with vmPools', { vmIdentityCertificates: [] }],
    [
      'vmIdentityCertificates.0: is not a valid certificate',
      { vmIdentityCertificates: ['-----BEGIN CERTIFICATE-----\nAAAA'] },
    ],
    [
      'encryptionKey: is not in eu-central-1',
      { encryptionKey: 'arn:aws:kms:us-east-1:111122223333:key/01234567-89ab-cdef-0123-456789abcdef' },
    ],
    [
      'restoredTable.streamArn: is not the stream of the table bbb',
      { restoredTable: { name: 'bbb', streamArn: 'arn:aws:dynamodb:eu-central-1:111122223333:table/a/stream/1' } },
    ],
    [
      'restoredTable.restoredAt: must be the time of the restore',
      { restoredTable: { name: 'bbb', streamArn: 'arn:x' } },
    ],
    [
      'kubernetes.schedulingPatience: must be at most 1h: people who wait',
      { kubernetes: { ...example()['kubernetes'], schedulingPatience: '30d' } },
    ],
    [
      'kubernetes.schedulingPatience: A duration is a whole number and its unit',
      { kubernetes: { ...example()['kubernetes'], schedulingPatience: '5 minutes' } },
    ],
    ['homeRetention: must be at least 7d', { homeRetention: '3d' }],
    ['homeRetention: A duration is a whole number and its unit', { homeRetention: '30 days' }],
    ['network: give exactly one of new and existing', { network: {} }],
    ['kubernetes: give exactly one of new and existing', { kubernetes: {} }],
  ])('%s', (problem, parts) => {
    expect(problemsOf({ ...example(), ...parts }).join('\n')).toContain(problem);
  });
});

test('a secret is refused, and not repeated in the message; its ARN is required', () => {
  const oidc = { name: 'Entra', issuer: 'https://login.example.com', clientId: 'berth', clientSecret: 'hunter2' };
  const report = problemsOf({ ...example(), signIn: { domainPrefix: 'berth', oidc } }).join('\n');
  expect(report).toContain('signIn.oidc.clientSecret: must be the ARN of a secret');
  expect(report).not.toContain('hunter2');
});

test('a missing file and invalid YAML are reported in a sentence', () => {
  expect(() => readSettings(join(folder, 'nowhere.yaml'))).toThrow(/the file does not exist; start from a copy/);
  expect(problemsOf('a: [')).not.toEqual([]);
});
