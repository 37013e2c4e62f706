import { flattenCfnReference } from 'cdk-nag/lib/utils/flatten-cfn-reference.js';
import { describe, expect, test } from 'vitest';
import { reasonFor } from '../../infra/nag/wildcard-reasons.ts';
import { type Resource, settingsWith, synthesize } from './synth.ts';

const regionOf = (region: string, cidr: string) => ({
  region,
  network: { cidr, zones: [`${region}a`, `${region}b`] },
});
const virginia = regionOf('us-east-1', '10.41.0.0/16');
const sydney = regionOf('ap-southeast-2', '10.42.0.0/16');

const { templates, ofType } = synthesize({ gateway: { regions: [virginia, sydney] } });
const stacks = ['Berth', 'Berth-Gateway-us-east-1', 'Berth-Gateway-ap-southeast-2'] as const;

const of = (stack: string, type: string): [string, Record<string, unknown>][] =>
  ofType(type)
    .filter(([id]) => id.startsWith(`${stack}/`))
    .map(([id, { Properties }]) => [id, Properties]);
const only = (stack: string, type: string): Record<string, unknown> => {
  const found = of(stack, type);
  expect(found, `${type} of ${stack}`).toHaveLength(1);
  return (found[0] as [string, Record<string, unknown>])[1];
};

const environmentOf = (stack: string): Record<string, string> => {
  const { ContainerDefinitions } = only(stack, 'AWS::ECS::TaskDefinition') as {
    ContainerDefinitions: [{ Environment: { Name: string; Value: unknown }[] }];
  };
  return Object.fromEntries(
    ContainerDefinitions[0].Environment.map(({ Name, Value }) => [Name, flattenCfnReference(Value)]),
  );
};

test('a region has a stack with the gateway, and one with the routes to the regions that were added later', () => {
  expect(Object.keys(templates)).toEqual([
    'BerthKept',
    'BerthPortal',
    'Berth',
    'Berth-Gateway-us-east-1',
    'Berth-Gateway-ap-southeast-2',
    'Berth-Peering-eu-central-1',
    'Berth-Peering-us-east-1',
  ]);
  expect(Object.keys(synthesize().templates)).toEqual(['BerthKept', 'BerthPortal', 'Berth']);
});

test('a DNS name resolves to the nearest region with healthy replicas', () => {
  const names = stacks.flatMap((stack) => of(stack, 'AWS::Route53::RecordSet').map(([, record]) => record));
  for (const host of ['gateway.berth.example.com.', '*.apps.berth.example.com.']) {
    const records = names.filter(({ Name }) => Name === host);
    expect(records.map(({ Region }) => Region)).toEqual(['eu-central-1', 'us-east-1', 'ap-southeast-2']);
    expect(new Set(records.map(({ SetIdentifier }) => SetIdentifier)).size).toBe(3);
    for (const record of records) expect(record).toMatchObject({ AliasTarget: { EvaluateTargetHealth: true } });
  }
  const certificate = only('Berth-Gateway-us-east-1', 'AWS::CertificateManager::Certificate');
  expect(certificate).toMatchObject({
    DomainName: 'gateway.berth.example.com',
    SubjectAlternativeNames: ['*.apps.berth.example.com'],
  });
});

test('replicas of all regions use the same table and agent key, in the installation’s region', () => {
  const [home, ...others] = stacks.map(environmentOf);
  for (const other of others) {
    expect(Object.keys(other).sort()).toEqual(Object.keys(home ?? {}).sort());
    expect(other).toMatchObject({ BERTH_HOME_REGION: 'eu-central-1', BERTH_PORTAL_URL: home?.['BERTH_PORTAL_URL'] });
    expect(other['BERTH_TABLE']).toMatch(/BerthKepteucentral1RefTable/);
    expect(other['BERTH_AGENT_KEY']).toMatch(/BerthKepteucentral1RefAgentKeySecret/);
  }
});

describe('networks', () => {
  const routes = ofType('AWS::EC2::Route')
    .map(([id, { Properties }]) => ({ stack: id.split('/')[0], ...Properties }) as Record<string, unknown>)
    .filter(({ VpcPeeringConnectionId }) => VpcPeeringConnectionId !== undefined);
  const cidrs = { 'eu-central-1': '10.40.0.0/16', 'us-east-1': '10.41.0.0/16', 'ap-southeast-2': '10.42.0.0/16' };

  test('are peered, each with each', () => {
    const joined = ofType('AWS::EC2::VPCPeeringConnection').map(([id, { Properties }]) => [
      id.split('/')[0],
      Properties['PeerRegion'],
    ]);
    expect(joined).toEqual([
      ['Berth-Gateway-us-east-1', 'eu-central-1'],
      ['Berth-Gateway-ap-southeast-2', 'eu-central-1'],
      ['Berth-Gateway-ap-southeast-2', 'us-east-1'],
    ]);
  });

  test('have routes to each other from both subnets, in both directions', () => {
    for (const [region] of Object.entries(cidrs)) {
      const from = routes.filter(({ stack }) => String(stack).endsWith(`-${region}`));
      const wanted = Object.entries(cidrs).filter(([name]) => name !== region);
      for (const [, cidr] of wanted) {
        expect(
          from.filter((route) => route['DestinationCidrBlock'] === cidr),
          `${region} to ${cidr}`,
        ).toHaveLength(2);
      }
    }
  });

  test('reach each other only on the port of replicas, and only at the gateway', () => {
    for (const stack of stacks) {
      const groups = of(stack, 'AWS::EC2::SecurityGroup').map(([id, group]) => ({ id, ...group }));
      const ingress = groups.flatMap(({ id, SecurityGroupIngress = [] }: Record<string, unknown> & { id: string }) =>
        (SecurityGroupIngress as { CidrIp: string; FromPort: number; ToPort: number }[]).map((rule) => ({
          id,
          ...rule,
        })),
      );
      const far = ingress.filter(({ CidrIp }) => Object.values(cidrs).includes(String(CidrIp)));
      expect(far, stack).toHaveLength(2);
      for (const { id, FromPort, ToPort } of far) {
        expect([FromPort, ToPort]).toEqual([8_081, 8_081]);
        expect(id).toContain('GatewayInside');
      }
    }
  });
});

interface Statement {
  Action: string | string[];
  Resource: unknown;
  Condition?: unknown;
}

describe('a replica of a further region', () => {
  const policyOf = (stack: string) => {
    const documents = of(stack, 'AWS::IAM::Policy')
      .filter(([id]) => /GatewayRole/.test(id))
      .map(([, { PolicyDocument }]) => PolicyDocument as { Statement: Statement[] });
    return documents.flatMap(({ Statement }) => Statement);
  };
  const actionsOf = (stack: string) =>
    policyOf(stack)
      .flatMap(({ Action }) => Action)
      .sort();

  test('has the same permissions as in the first region', () => {
    expect(actionsOf('Berth-Gateway-us-east-1')).toEqual(actionsOf('Berth'));
    for (const { Action, Resource } of policyOf('Berth-Gateway-us-east-1')) {
      const wide = [Resource]
        .flat()
        .map((one) => flattenCfnReference(one))
        .filter((one) => one.includes('*'));
      for (const resource of wide)
        for (const action of [Action].flat()) expect(reasonFor(action, resource)).toBeDefined();
    }
  });

  test('uses the installation’s key only through the services of the key’s region', () => {
    const uses = policyOf('Berth-Gateway-us-east-1').filter(({ Action }) =>
      [Action].flat().some((a) => a.startsWith('kms:')),
    );
    expect(uses.length).toBeGreaterThan(1);
    const services = uses.flatMap(
      ({ Condition }) => JSON.stringify(Condition).match(/"kms:ViaService":"[^"]+"/g) ?? [],
    );
    expect(services.length).toBeGreaterThan(1);
    for (const service of services) expect(service).toContain('.eu-central-1.amazonaws.com');
  });

  test('does not sleep, and an alarm reports when none is healthy', () => {
    expect(only('Berth-Gateway-us-east-1', 'AWS::ApplicationAutoScaling::ScalableTarget')).toMatchObject({
      MinCapacity: 2,
      MaxCapacity: 20,
    });
    const alarms = of('Berth-Gateway-us-east-1', 'AWS::CloudWatch::Alarm').map(([, alarm]) => alarm);
    expect(alarms).toHaveLength(3);
    for (const { AlarmActions, AlarmDescription } of alarms) {
      expect(AlarmActions).toHaveLength(1);
      expect(AlarmDescription).toMatch(/docs\/runbook\.md#gateway-is-(missing|unwell|full)$/);
    }
  });
});

test('an existing network is peered through the route tables of the settings', () => {
  const existing = {
    vpcId: 'vpc-0123456789abcdef0',
    cidr: '10.0.0.0/16',
    zones: ['eu-central-1a', 'eu-central-1b'],
    publicSubnets: ['subnet-0123456789abcdef0', 'subnet-0123456789abcdef1'],
    routeTables: ['rtb-0123456789abcdef0'],
  };
  const domain = {
    name: 'berth.example.com',
    certificates: {
      regional: 'arn:aws:acm:eu-central-1:111122223333:certificate/1',
      portal: 'arn:aws:acm:us-east-1:111122223333:certificate/2',
    },
  };
  const certificate = 'arn:aws:acm:us-east-1:111122223333:certificate/3';
  const given = synthesize({ network: { existing }, domain, gateway: { regions: [{ ...virginia, certificate }] } });
  const back = given.ofType('AWS::EC2::Route').filter(([id]) => id.startsWith('Berth-Peering-eu-central-1/'));
  expect(back.map(([, { Properties }]: [string, Resource]) => Properties)).toEqual([
    expect.objectContaining({ RouteTableId: 'rtb-0123456789abcdef0', DestinationCidrBlock: '10.41.0.0/16' }),
  ]);
  expect(given.ofType('AWS::Route53::RecordSet')).toEqual([]);
  expect(JSON.stringify(given.templates['Berth-Gateway-us-east-1'])).toContain(certificate);
  expect(Object.keys(given.templates['Berth-Gateway-us-east-1']?.['Outputs'] ?? {})).toHaveLength(2);
});

test('browsers can use HTTP/2, and ambiguous requests are isolated', () => {
  for (const stack of stacks) {
    const { LoadBalancerAttributes } = only(stack, 'AWS::ElasticLoadBalancingV2::LoadBalancer') as {
      LoadBalancerAttributes: { Key: string; Value: string }[];
    };
    const attributes = Object.fromEntries(LoadBalancerAttributes.map(({ Key, Value }) => [Key, Value]));
    expect(attributes).toMatchObject({
      'routing.http2.enabled': 'true',
      'routing.http.desync_mitigation_mode': 'defensive',
      'routing.http.drop_invalid_header_fields.enabled': 'true',
    });
    // WebSockets need HTTP/1.1 to the replicas.
    expect(only(stack, 'AWS::ElasticLoadBalancingV2::TargetGroup')['ProtocolVersion'] ?? 'HTTP1').toBe('HTTP1');
  }
});

describe('settings of regions', () => {
  const problemOf = (parts: Record<string, unknown>): string => {
    try {
      settingsWith(parts);
      return '';
    } catch (error) {
      return String(error);
    }
  };
  const topic = 'arn:aws:sns:eu-central-1:111122223333:oncall';

  test.each<[string, unknown[], Record<string, unknown>?]>([
    ['is the installation’s own region', [regionOf('eu-central-1', '10.41.0.0/16')]],
    ['repeats us-east-1', [virginia, { ...virginia, network: { ...virginia.network, cidr: '10.43.0.0/16' } }]],
    [
      'us-west-2a is not a zone of us-east-1',
      [{ ...virginia, network: { cidr: '10.41.0.0/16', zones: ['us-west-2a', 'us-west-2b'] } }],
    ],
    [
      '10.40.128.0/17 overlaps with the installation’s own network, 10.40.0.0/16',
      [regionOf('us-east-1', '10.40.128.0/17')],
    ],
    [
      '10.41.64.0/18 overlaps with the network of us-east-1, 10.41.0.0/16',
      [virginia, regionOf('us-west-2', '10.41.64.0/18')],
    ],
    ['must be a range from /16 to /18', [regionOf('us-east-1', '10.41.0.0/24')]],
    ['must be an IPv4 range', [regionOf('us-east-1', '10.41.0.0')]],
    [
      'has no effect without domain.certificates',
      [{ ...virginia, certificate: 'arn:aws:acm:us-east-1:111122223333:certificate/3' }],
    ],
    ['is required with alarms.topic', [virginia], { alarms: { topic } }],
    [
      'is not in us-east-1: alarms can notify only a topic in their own region',
      [{ ...virginia, alarmTopic: topic }],
      { alarms: { topic } },
    ],
    ['Unrecognized key', [{ ...virginia, sleepWhenIdle: true }]],
    [
      'is required with gateway.regions: the routes to the other regions',
      [virginia],
      {
        network: {
          existing: {
            vpcId: 'vpc-0123456789abcdef0',
            cidr: '10.0.0.0/16',
            zones: ['eu-central-1a', 'eu-central-1b'],
            publicSubnets: ['subnet-0123456789abcdef0', 'subnet-0123456789abcdef1'],
          },
        },
      },
    ],
  ])('%s', (problem, regions, parts = {}) => {
    expect(problemOf({ ...parts, gateway: { regions } })).toContain(problem);
  });

  test('that are valid are accepted', () => {
    expect(problemOf({ gateway: { regions: [virginia, sydney] } })).toBe('');
  });
});
