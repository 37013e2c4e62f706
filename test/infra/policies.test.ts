import { flattenCfnReference } from 'cdk-nag/lib/utils/flatten-cfn-reference.js';
import { describe, expect, test } from 'vitest';
import { reasonFor, wildcards } from '../../infra/nag/wildcard-reasons.ts';
import { type Resource, synthesize } from './synth.ts';

interface Statement {
  Effect: string;
  Action: string | string[];
  Resource?: unknown;
  Principal?: Record<string, unknown> | string;
  Condition?: Record<string, unknown>;
}
interface Permission {
  /** `<stack>/<logical id>` of the policy. */
  policy: string;
  action: string;
  resource: string;
}

const { ofType } = synthesize();

/** Excludes the construct library's function that uploads the portal; its findings are suppressed. */
const isOurs = ([id]: [string, Resource]) => !id.includes('CustomCDKBucketDeployment');

const statementsOf = ({ Properties }: Resource): Statement[] =>
  (Properties['PolicyDocument'] as { Statement: Statement[] }).Statement;

const permissionsIn = (policies: [string, Resource][]): Permission[] =>
  policies
    .filter(isOurs)
    .flatMap(([policy, resource]) =>
      statementsOf(resource).flatMap(({ Action, Resource }) =>
        [Action]
          .flat()
          .flatMap((action) =>
            [Resource].flat().map((target) => ({ policy, action, resource: flattenCfnReference(target) })),
          ),
      ),
    );
const permissions = permissionsIn(ofType('AWS::IAM::Policy'));
const permissionsOf = (name: string) => permissions.filter(({ policy }) => policy.includes(name));
const actionsOf = (name: string) => [...new Set(permissionsOf(name).map(({ action }) => action))].sort();

test('the policies have permissions to examine', () => {
  expect(permissions.length).toBeGreaterThan(300);
});

test('no action has a wildcard', () => {
  expect(permissions.filter(({ action }) => action.includes('*'))).toEqual([]);
});

test('no resource has a wildcard without a written reason', () => {
  const unexplained = permissions.filter(
    ({ action, resource }) => resource.includes('*') && !reasonFor(action, resource),
  );
  expect(unexplained).toEqual([]);
});

test('every reason applies to a granted permission', () => {
  const replica = {
    region: 'eu-west-1',
    key: 'arn:aws:kms:eu-west-1:111122223333:key/mrk-0123456789abcdef0123456789abcdef',
    auditBucket: 'arn:aws:s3:::company-berth-audit-copy',
  };
  const given = [...permissions, ...permissionsIn(synthesize({ replica }).ofType('AWS::IAM::Policy'))];
  const unused = wildcards.flatMap(({ resource, actions }) =>
    actions.filter(
      (action) => !given.some((permission) => permission.action === action && resource.test(permission.resource)),
    ),
  );
  expect(unused).toEqual([]);
});

test('a policy belongs to one role, and no managed policy is attached to a function', () => {
  for (const [id, { Properties }] of ofType('AWS::IAM::Policy')) {
    expect(Properties['Roles'], id).toHaveLength(1);
  }
  const managed = ofType('AWS::IAM::Role')
    .filter(isOurs)
    .filter(([, { Properties }]) => Properties['ManagedPolicyArns'] !== undefined)
    .map(([id]) => id);
  // EKS requires its managed policies.
  expect(managed.every((id) => id.includes('KubernetesCluster'))).toBe(true);
});

test('every function has a role of its own', () => {
  const roles = ofType('AWS::Lambda::Function').map(([, { Properties }]) => flattenCfnReference(Properties['Role']));
  expect(new Set(roles).size).toBe(roles.length);
});

describe('permissions', () => {
  const table = ['ConditionCheckItem', 'DeleteItem', 'GetItem', 'PutItem', 'Query', 'UpdateItem'].map(
    (a) => `dynamodb:${a}`,
  );
  const basics = ['logs:CreateLogStream', 'logs:PutLogEvents', 'xray:PutTelemetryRecords', 'xray:PutTraceSegments'];
  const key = ['kms:Decrypt', 'kms:DescribeKey', 'kms:Encrypt', 'kms:GenerateDataKey'];

  test('an area of the API reads and writes the table, and nothing else', () => {
    for (const area of ['people', 'templates', 'templatefiles', 'workspaces']) {
      expect(actionsOf(`Api${area}Role`)).toEqual([...table, ...key, ...basics].sort());
    }
    expect(actionsOf('ApisystemRole')).toEqual(basics);
  });

  test('no role may scan the table or change the table itself', () => {
    const others = permissions.filter(({ action }) => action.startsWith('dynamodb:') && !table.includes(action));
    const stream = ['DescribeStream', 'GetRecords', 'GetShardIterator', 'ListStreams'].map((a) => `dynamodb:${a}`);
    expect([...new Set(others.map(({ action }) => action))].sort()).toEqual(stream);
  });

  test('only Apply and the gateway read the agent key', () => {
    const readers = permissions
      .filter(({ action }) => action === 'secretsmanager:GetSecretValue')
      .map(({ policy }) => policy);
    expect(readers).toHaveLength(2);
    expect(readers.some((policy) => policy.includes('WorkflowsApply'))).toBe(true);
    expect(readers.some((policy) => policy.includes('Gateway'))).toBe(true);
  });

  test('only Apply launches instances; Explain has no permissions but its log', () => {
    const launching = permissions.filter(({ action }) => action === 'ec2:RunInstances');
    expect(launching.every(({ policy }) => policy.includes('WorkflowsApply'))).toBe(true);
    expect(actionsOf('WorkflowsExplainRole')).toEqual(basics);
  });

  test('only the deleting step and the sweep may delete volumes', () => {
    const deleting = new Set(
      permissions.filter(({ action }) => action === 'ec2:DeleteVolume').map(({ policy }) => policy),
    );
    expect([...deleting].sort()).toEqual([
      expect.stringContaining('SchedulesSweepRole'),
      expect.stringContaining('WorkflowsDestroyComputeRole'),
    ]);
  });

  test('only the audit consumer writes audit events, and no role of Berth reads or changes stored ones', () => {
    const writers = new Set(
      permissions.filter(({ action }) => action === 'kinesis:PutRecords').map(({ policy }) => policy),
    );
    expect([...writers]).toEqual([expect.stringContaining('Streamsaudit')]);
    const onBucket = permissions.filter(({ resource }) => resource.includes('AuditBucket'));
    expect(onBucket.every(({ policy }) => policy.includes('AuditDeliveryRole'))).toBe(true);
    expect(onBucket.some(({ action }) => /Delete|Retention|Bypass/.test(action))).toBe(false);
  });

  test('changing instances requires the tag of the installation, or a launch template of the pools', () => {
    const statements = ofType('AWS::IAM::Policy').flatMap(([, policy]) => statementsOf(policy));
    const changing = statements.filter(({ Action, Resource }) => {
      const actions = [Action]
        .flat()
        .filter((action) => action.startsWith('ec2:') && !action.startsWith('ec2:Describe'));
      return actions.length > 0 && [Resource].flat().some((resource) => flattenCfnReference(resource).includes('*'));
    });
    expect(changing.length).toBeGreaterThan(5);
    for (const { Condition } of changing) {
      expect(JSON.stringify(Condition)).toMatch(/berth:installation|ec2:LaunchTemplate|ec2:CreateAction/);
    }
  });

  const keyStatements = ofType('AWS::IAM::Policy')
    .filter(isOurs)
    .flatMap(([policy, resource]) => statementsOf(resource).map((statement) => ({ policy, ...statement })))
    .filter(({ Action }) => [Action].flat().some((action) => action.startsWith('kms:')));
  const isSealing = ({ Condition }: Statement) => JSON.stringify(Condition ?? {}).includes('EncryptionContext:purpose');

  test('the encryption key is used through services only, except for git keys', () => {
    const direct = keyStatements.filter(
      (statement) =>
        !statement.policy.includes('KubernetesCluster') &&
        !isSealing(statement) &&
        !JSON.stringify(statement.Condition ?? {}).includes('kms:ViaService'),
    );
    expect(direct).toEqual([]);
  });

  test('two areas of the API seal git keys and cannot open them; only the gateway opens them, and nothing else', () => {
    const sealing = keyStatements.filter(isSealing);
    const uses = sealing.map(
      ({ policy, Action }) => `${policy.match(/Apipeople|Apiworkspaces|Gateway/)?.[0]} ${Action}`,
    );
    expect(uses.sort()).toEqual(['Apipeople kms:Encrypt', 'Apiworkspaces kms:Encrypt', 'Gateway kms:Decrypt']);
    for (const { Condition } of sealing) {
      expect(Condition).toEqual({
        StringEquals: { 'kms:EncryptionContext:purpose': 'git-key' },
        'ForAllValues:StringEquals': { 'kms:EncryptionContextKeys': ['purpose', 'person'] },
        Null: { 'kms:EncryptionContext:person': 'false' },
      });
    }
  });
});
