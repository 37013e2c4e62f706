import { flattenCfnReference } from 'cdk-nag/lib/utils/flatten-cfn-reference.js';
import { describe, expect, test } from 'vitest';
import { reasonFor, wildcards } from '../../infra/wildcards.ts';
import { type Resource, synthesize } from './synth.ts';

interface Statement {
  Effect: string;
  Action: string | string[];
  Resource?: unknown;
  Principal?: Record<string, unknown> | string;
  Condition?: Record<string, unknown>;
}
interface Right {
  of: string;
  action: string;
  resource: string;
}

const { ofType } = synthesize();

/** The construct library's own function that publishes the portal; it has its acknowledgement. */
const isOurs = ([id]: [string, Resource]) => !id.includes('CustomCDKBucketDeployment');

const statementsOf = ({ Properties }: Resource): Statement[] =>
  (Properties['PolicyDocument'] as { Statement: Statement[] }).Statement;

const rights: Right[] = ofType('AWS::IAM::Policy')
  .filter(isOurs)
  .flatMap(([of, policy]) =>
    statementsOf(policy).flatMap(({ Action, Resource }) =>
      [Action]
        .flat()
        .flatMap((action) =>
          [Resource].flat().map((resource) => ({ of, action, resource: flattenCfnReference(resource) })),
        ),
    ),
  );
const rightsOf = (name: string) => rights.filter(({ of }) => of.includes(name));
const actionsOf = (name: string) => [...new Set(rightsOf(name).map(({ action }) => action))].sort();

test('there are rights to look at', () => {
  expect(rights.length).toBeGreaterThan(300);
});

test('no action has a wildcard', () => {
  expect(rights.filter(({ action }) => action.includes('*'))).toEqual([]);
});

test('no resource has a wildcard without a written reason', () => {
  const unexplained = rights.filter(({ action, resource }) => resource.includes('*') && !reasonFor(action, resource));
  expect(unexplained).toEqual([]);
});

test('no reason is written for what nobody may', () => {
  const unused = wildcards.flatMap(({ resource, actions }) =>
    actions.filter((action) => !rights.some((right) => right.action === action && resource.test(right.resource))),
  );
  expect(unused).toEqual([]);
});

test('a policy stands for one role alone, and no managed policy is attached to a function', () => {
  for (const [id, { Properties }] of ofType('AWS::IAM::Policy')) {
    expect(Properties['Roles'], id).toHaveLength(1);
  }
  const managed = ofType('AWS::IAM::Role')
    .filter(isOurs)
    .filter(([, { Properties }]) => Properties['ManagedPolicyArns'] !== undefined)
    .map(([id]) => id);
  // EKS works with its own.
  expect(managed.every((id) => id.includes('KubernetesCluster'))).toBe(true);
});

test('every function has a role of its own', () => {
  const roles = ofType('AWS::Lambda::Function').map(([, { Properties }]) => flattenCfnReference(Properties['Role']));
  expect(new Set(roles).size).toBe(roles.length);
});

describe('who may what', () => {
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

  test('nobody scans the table, or works on it as a whole', () => {
    const others = rights.filter(({ action }) => action.startsWith('dynamodb:') && !table.includes(action));
    const stream = ['DescribeStream', 'GetRecords', 'GetShardIterator', 'ListStreams'].map((a) => `dynamodb:${a}`);
    expect([...new Set(others.map(({ action }) => action))].sort()).toEqual(stream);
  });

  test('only Apply and the gateway read the key of agents', () => {
    const readers = rights.filter(({ action }) => action === 'secretsmanager:GetSecretValue').map(({ of }) => of);
    expect(readers).toHaveLength(2);
    expect(readers.some((of) => of.includes('WorkflowsApply'))).toBe(true);
    expect(readers.some((of) => of.includes('Gateway'))).toBe(true);
  });

  test('only Apply launches machines; Explain has no rights but its log', () => {
    const launching = rights.filter(({ action }) => action === 'ec2:RunInstances');
    expect(launching.every(({ of }) => of.includes('WorkflowsApply'))).toBe(true);
    expect(actionsOf('WorkflowsExplainRole')).toEqual(basics);
  });

  test('only the audit consumer writes audit events, and nobody of ours reads or changes what is kept of them', () => {
    const writers = new Set(rights.filter(({ action }) => action === 'kinesis:PutRecords').map(({ of }) => of));
    expect([...writers]).toEqual([expect.stringContaining('Streamsaudit')]);
    const onBucket = rights.filter(({ resource }) => resource.includes('AuditBucket'));
    expect(onBucket.every(({ of }) => of.includes('AuditDeliveryRole'))).toBe(true);
    expect(onBucket.some(({ action }) => /Delete|Retention|Bypass/.test(action))).toBe(false);
  });

  test('what changes machines demands the tag of the installation, or a launch template of the pools', () => {
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
    .flatMap(([of, policy]) => statementsOf(policy).map((statement) => ({ of, ...statement })))
    .filter(({ Action }) => [Action].flat().some((action) => action.startsWith('kms:')));
  const isSealing = ({ Condition }: Statement) => JSON.stringify(Condition ?? {}).includes('EncryptionContext:purpose');

  test('the key is used through a service only, but for git keys', () => {
    const direct = keyStatements.filter(
      (statement) =>
        !statement.of.includes('KubernetesCluster') &&
        !isSealing(statement) &&
        !JSON.stringify(statement.Condition ?? {}).includes('kms:ViaService'),
    );
    expect(direct).toEqual([]);
  });

  test('two areas of the API seal git keys and open none; the gateway alone opens them, and nothing else', () => {
    const sealing = keyStatements.filter(isSealing);
    const who = sealing.map(({ of, Action }) => `${of.match(/Apipeople|Apiworkspaces|Gateway/)?.[0]} ${Action}`);
    expect(who.sort()).toEqual(['Apipeople kms:Encrypt', 'Apiworkspaces kms:Encrypt', 'Gateway kms:Decrypt']);
    for (const { Condition } of sealing) {
      expect(Condition).toEqual({
        StringEquals: { 'kms:EncryptionContext:purpose': 'git-key' },
        'ForAllValues:StringEquals': { 'kms:EncryptionContextKeys': ['purpose', 'person'] },
        Null: { 'kms:EncryptionContext:person': 'false' },
      });
    }
  });
});
