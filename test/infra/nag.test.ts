import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { describe, expect, test } from 'vitest';
import { givenApp, settingsWith } from './synth.ts';

interface Report {
  pluginReports: { violations: { ruleName: string; violatingConstructs: { constructPath?: string }[] }[] }[];
}

/** The findings of AwsSolutions and CloudFormation's own rules without a suppression. */
const findingsOf = ({ app, outdir }: ReturnType<typeof givenApp>): string[] => {
  try {
    app.synth();
  } catch (error) {
    if ((error as Error).name !== 'ValidationFailed') throw error;
  }
  const report = JSON.parse(readFileSync(join(outdir, 'validation-report.json'), 'utf8')) as Report;
  return report.pluginReports.flatMap(({ violations }) =>
    violations.flatMap(({ ruleName, violatingConstructs }) =>
      violatingConstructs.map(({ constructPath }) => `${ruleName} ${constructPath}`),
    ),
  );
};

const existingNetwork = {
  existing: {
    vpcId: 'vpc-0123456789abcdef0',
    cidr: '10.0.0.0/16',
    zones: ['eu-central-1a', 'eu-central-1b'],
    publicSubnets: ['subnet-0123456789abcdef0', 'subnet-0123456789abcdef1'],
    privateSubnets: ['subnet-0123456789abcdef2', 'subnet-0123456789abcdef3'],
  },
};
const existingCluster = {
  existing: {
    name: 'company',
    endpoint: 'https://0123456789ABCDEF.gr7.eu-central-1.eks.amazonaws.com',
    certificateAuthority: Buffer.alloc(1_000, 'c').toString('base64'),
    oidcIssuer: 'https://oidc.eks.eu-central-1.amazonaws.com/id/0123456789ABCDEF',
  },
};
const arn = (rest: string) => `arn:aws:${rest}`;

describe('AwsSolutions has no findings but the suppressed ones', () => {
  test.each<[string, Record<string, unknown>]>([
    ['as in the example', {}],
    [
      'with everything that a company has already',
      {
        network: existingNetwork,
        kubernetes: existingCluster,
        vmPools: [],
        encryptionKey: arn('kms:eu-central-1:111122223333:key/01234567-89ab-cdef-0123-456789abcdef'),
        alarms: { topic: arn('sns:eu-central-1:111122223333:oncall') },
        domain: {
          name: 'berth.example.com',
          certificates: {
            regional: arn('acm:eu-central-1:111122223333:certificate/1'),
            portal: arn('acm:us-east-1:111122223333:certificate/2'),
          },
        },
        signIn: {
          domainPrefix: 'berth-example',
          oidc: {
            name: 'Entra',
            issuer: 'https://login.example.com/v2.0',
            clientId: 'berth',
            clientSecret: arn('secretsmanager:eu-central-1:111122223333:secret:oidc-AbCdEf'),
          },
        },
        gateway: { replicas: 3, sleepWhenIdle: false },
        audit: { mode: 'compliance', retentionDays: 2_557 },
      },
    ],
    ['with a NAT instance', { network: { new: { zones: ['eu-central-1a', 'eu-central-1b'], nat: 'instance' } } }],
    [
      'with NAT gateways, and VMs alone',
      { kubernetes: undefined, network: { new: { zones: ['eu-central-1a', 'eu-central-1b'], nat: 'gateway' } } },
    ],
    [
      'with the gateway in further regions',
      {
        gateway: {
          regions: [
            { region: 'us-east-1', network: { cidr: '10.41.0.0/16', zones: ['us-east-1a', 'us-east-1b'] } },
            { region: 'us-west-2', network: { cidr: '10.42.0.0/16', zones: ['us-west-2a', 'us-west-2b'] } },
          ],
        },
      },
    ],
  ])('%s', (_, parts) => {
    expect(findingsOf(givenApp(settingsWith(parts)))).toEqual([]);
  });

  test('a finding without a suppression is reported', () => {
    const given = givenApp(settingsWith());
    new Bucket(given.stateful, 'Careless');
    expect(findingsOf(given)).toContain('AwsSolutions-S1 BerthKept/Careless/Resource');
  });
});
