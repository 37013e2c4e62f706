import { describe, expect, test } from 'vitest';
import { entryNames } from '../../bundles/entries.ts';
import { all, anything, isOurs, only } from './example.ts';

describe('functions', () => {
  const functions = all('AWS::Lambda::Function').filter(isOurs);

  test('are arm64 on Node 24, traced, with their own log group', () => {
    expect(functions).toHaveLength(22);
    for (const [id, { Runtime, Architectures, TracingConfig, LoggingConfig }] of functions) {
      expect({ Runtime, Architectures, TracingConfig }, id).toEqual({
        Runtime: 'nodejs24.x',
        Architectures: ['arm64'],
        TracingConfig: { Mode: 'Active' },
      });
      expect(LoggingConfig, id).toMatchObject({ LogGroup: anything });
    }
    const groups = functions.map(([, { LoggingConfig }]) =>
      JSON.stringify((LoggingConfig as { LogGroup: unknown }).LogGroup),
    );
    expect(new Set(groups).size).toBe(functions.length);
  });

  test('every log is encrypted with the key and retained for as long as the settings define', () => {
    const logs = all('AWS::Logs::LogGroup').filter(isOurs);
    expect(logs.length).toBeGreaterThan(functions.length);
    for (const [id, log] of logs) expect(log, id).toMatchObject({ RetentionInDays: 90, KmsKeyId: anything });
  });

  test('asynchronous calls that fail go to a dead-letter queue', () => {
    const configs = all('AWS::Lambda::EventInvokeConfig');
    expect(configs).toHaveLength(4);
    for (const [id, config] of configs) {
      expect(config, id).toMatchObject({
        MaximumRetryAttempts: 2,
        DestinationConfig: { OnFailure: { Destination: anything } },
      });
    }
  });

  test('sweeps do not run concurrently', () => {
    const single = functions.filter(([, { ReservedConcurrentExecutions }]) => ReservedConcurrentExecutions === 1);
    expect(single.map(([id]) => id)).toEqual([expect.stringContaining('Sweep'), expect.stringContaining('Pools')]);
  });
});

describe('the change stream', () => {
  const consumers = all('AWS::Lambda::EventSourceMapping');

  test('has two consumers, the most that DynamoDB allows', () => {
    expect(consumers).toHaveLength(2);
  });

  test('isolates poison records, gives them up in time and keeps their position', () => {
    for (const [id, mapping] of consumers) {
      expect(mapping, id).toMatchObject({
        BisectBatchOnFunctionError: true,
        FunctionResponseTypes: ['ReportBatchItemFailures'],
        DestinationConfig: { OnFailure: { Destination: anything } },
        StartingPosition: 'TRIM_HORIZON',
      });
      const { MaximumRetryAttempts: retries, MaximumRecordAgeInSeconds: age } = mapping as Record<string, number>;
      expect(retries, id).toBeGreaterThan(0);
      expect(age, id).toBeGreaterThan(0);
      // DynamoDB drops records after 24 h.
      expect(age, id).toBeLessThan(24 * 3_600);
    }
  });

  test('calls a consumer only for its items', () => {
    const filters = consumers.map(([, { FilterCriteria }]) =>
      (FilterCriteria as { Filters: { Pattern: string }[] }).Filters.map(
        ({ Pattern }) => JSON.parse(Pattern) as unknown,
      ),
    );
    expect(filters).toEqual([
      [
        {
          dynamodb: { Keys: { pk: { S: [{ prefix: 'workspace#' }] }, sk: { S: ['workspace', { prefix: 'build#' }] } } },
        },
      ],
      [{ eventName: ['INSERT'], dynamodb: { Keys: { pk: { S: [{ prefix: 'audit#' }] } } } }],
    ]);
  });
});

describe('workflows', () => {
  const machines = all('AWS::StepFunctions::StateMachine').filter(
    ([, { StateMachineType }]) => StateMachineType === 'STANDARD',
  );

  test('are traced, and log everything but the execution data, which has task tokens', () => {
    expect(machines).toHaveLength(3);
    for (const [id, machine] of machines) {
      expect(machine, id).toMatchObject({
        TracingConfiguration: { Enabled: true },
        LoggingConfiguration: { Level: 'ALL', IncludeExecutionData: false },
      });
    }
  });

  test('have a function for every placeholder of their definition', () => {
    for (const [id, { DefinitionString, DefinitionSubstitutions }] of machines) {
      const names = [...String(DefinitionString).matchAll(/\$\{(\w+)\}/g)].map(([, name]) => name);
      expect(Object.keys(DefinitionSubstitutions as object).sort(), id).toEqual([...new Set(names)].sort());
    }
  });
});

test('a sampling rule applies to Step Functions, and to nothing else', () => {
  expect(only('AWS::XRay::SamplingRule').Properties['SamplingRule']).toMatchObject({
    ServiceName: 'Berth*',
    ServiceType: 'AWS::StepFunctions::StateMachine',
    FixedRate: 0.05,
  });
});

test('every log group is named after what writes to it', () => {
  const names = all('AWS::Logs::LogGroup')
    .filter(isOurs)
    .map(([, { LogGroupName }]) => String(LogGroupName));
  const ofFunctions = names.filter((name) => name.startsWith('/aws/lambda/Berth/'));
  expect(ofFunctions.map((name) => name.replace('/aws/lambda/Berth/', '')).sort()).toEqual([...entryNames].sort());
  expect(names.filter((name) => !ofFunctions.includes(name)).sort()).toEqual([
    '/aws/apigateway/Berth',
    '/aws/ecs/Berth/gateway',
    '/aws/kinesisfirehose/Berth/audit',
    '/aws/vendedlogs/states/Berth',
    '/aws/vendedlogs/states/Berth-wake',
    '/aws/vpc/Berth/refused',
  ]);
});
