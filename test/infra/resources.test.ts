import { describe, expect, test } from 'vitest';
import { indexes, tableDefinition } from '../../adapters/table/definition.ts';
import { routes } from '../../contracts/routes.ts';
import { type Resource, settingsWith, synthesize } from './synth.ts';

const { ofType, templates } = synthesize();

const only = (type: string): Resource => {
  const found = ofType(type);
  expect(found, type).toHaveLength(1);
  return (found[0] as [string, Resource])[1];
};
const all = (type: string): [string, Record<string, unknown>][] =>
  ofType(type).map(([id, { Properties }]) => [id, Properties]);
const anything = expect.anything();

/** The construct library's own function that publishes the portal while a deployment runs. */
const isOurs = ([id]: [string, unknown]) => !id.includes('CustomCDKBucketDeployment');

describe('what is kept', () => {
  test('the table is the one that the adapter works with', () => {
    const { Properties, DeletionPolicy } = only('AWS::DynamoDB::GlobalTable');
    const wanted = tableDefinition('');
    expect(Properties).toMatchObject({
      BillingMode: 'PAY_PER_REQUEST',
      KeySchema: wanted.KeySchema,
      StreamSpecification: { StreamViewType: 'NEW_AND_OLD_IMAGES' },
      TimeToLiveSpecification: { AttributeName: 'expires', Enabled: true },
      SSESpecification: { SSEEnabled: true, SSEType: 'KMS' },
      Replicas: [
        {
          DeletionProtectionEnabled: true,
          PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
          SSESpecification: { KMSMasterKeyId: anything },
        },
      ],
    });
    expect(Properties['GlobalSecondaryIndexes']).toEqual(wanted.GlobalSecondaryIndexes);
    expect(indexes).toHaveLength(3);
    expect(DeletionPolicy).toBe('Retain');
  });

  test('a table that was restored is worked on in its place', () => {
    const streamArn = 'arn:aws:dynamodb:eu-central-1:111122223333:table/berth-restored/stream/2026-01-01T00:00:00.000';
    const restored = synthesize({ restoredTable: { name: 'berth-restored', streamArn } });
    for (const [id, mapping] of restored.ofType('AWS::Lambda::EventSourceMapping')) {
      expect(mapping.Properties['EventSourceArn'], id).toBe(streamArn);
    }
    const text = JSON.stringify(restored.templates['Berth']);
    expect(text).toContain('"BERTH_TABLE":"berth-restored"');
    expect(text).toContain('table/berth-restored/index/due');
    expect(text).not.toMatch(/ImportValue":"BerthKept:ExportsOutput\w*Table/);
    // The own one stays, and what is known of it, which the other stack uses until it is deployed too.
    expect(restored.ofType('AWS::DynamoDB::GlobalTable')).toHaveLength(1);
    expect(restored.templates['BerthKept']?.['Outputs']).toEqual(templates['BerthKept']?.['Outputs']);
  });

  test('the key turns once a year and outlives its stack', () => {
    const { Properties, DeletionPolicy } = only('AWS::KMS::Key');
    expect(Properties).toMatchObject({ EnableKeyRotation: true });
    expect(DeletionPolicy).toBe('Retain');
  });

  test('what people did is locked against change', () => {
    const locked = all('AWS::S3::Bucket').filter(([, { ObjectLockEnabled }]) => ObjectLockEnabled === true);
    expect(locked).toEqual([
      [
        expect.stringContaining('Audit'),
        expect.objectContaining({
          ObjectLockConfiguration: {
            ObjectLockEnabled: 'Enabled',
            Rule: { DefaultRetention: { Days: 365, Mode: 'GOVERNANCE' } },
          },
          VersioningConfiguration: { Status: 'Enabled' },
          LoggingConfiguration: anything,
        }),
      ],
    ]);
    expect(only('AWS::Kinesis::Stream').Properties).toMatchObject({
      ShardCount: 1,
      StreamModeDetails: { StreamMode: 'PROVISIONED' },
      StreamEncryption: { EncryptionType: 'KMS', KeyId: anything },
    });
  });

  test('no bucket is open, and each demands TLS', () => {
    const buckets = all('AWS::S3::Bucket');
    expect(buckets.length).toBe(3);
    for (const [id, bucket] of buckets) {
      expect(bucket['PublicAccessBlockConfiguration'], id).toEqual({
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      });
    }
    const secure = all('AWS::S3::BucketPolicy').filter(([, policy]) =>
      JSON.stringify(policy).includes('aws:SecureTransport'),
    );
    expect(secure).toHaveLength(buckets.length);
  });

  test('nobody signs up by themselves, and the portal has no secret', () => {
    expect(only('AWS::Cognito::UserPool').Properties).toMatchObject({
      AdminCreateUserConfig: { AllowAdminCreateUserOnly: true },
      DeletionProtection: 'ACTIVE',
      UserPoolTier: 'ESSENTIALS',
      LambdaConfig: { PreTokenGenerationConfig: { LambdaVersion: 'V2_0' } },
    });
    expect(only('AWS::Cognito::UserPoolClient').Properties).toMatchObject({
      GenerateSecret: false,
      AllowedOAuthFlows: ['code'],
      AllowedOAuthScopes: ['openid', 'profile', 'email'],
      // The CLI waits for its browser at the others, which lead nowhere but to one's own machine.
      CallbackURLs: [
        'https://berth.example.com/signed-in',
        'http://localhost:28462/callback',
        'http://localhost:28463/callback',
        'http://localhost:28464/callback',
      ],
      EnableTokenRevocation: true,
      PreventUserExistenceErrors: 'ENABLED',
      AccessTokenValidity: 15,
    });
  });
});

describe('functions', () => {
  const functions = all('AWS::Lambda::Function').filter(isOurs);

  test('are arm64 on Node 24, traced, with their own log group', () => {
    expect(functions).toHaveLength(21);
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

  test('every log is kept for as long as the settings say, under the key', () => {
    const logs = all('AWS::Logs::LogGroup').filter(isOurs);
    expect(logs.length).toBeGreaterThan(functions.length);
    for (const [id, log] of logs) expect(log, id).toMatchObject({ RetentionInDays: 90, KmsKeyId: anything });
  });

  test('those that are called without anybody waiting keep what failed', () => {
    const kept = all('AWS::Lambda::EventInvokeConfig');
    expect(kept).toHaveLength(4);
    for (const [id, config] of kept) {
      expect(config, id).toMatchObject({
        MaximumRetryAttempts: 2,
        DestinationConfig: { OnFailure: { Destination: anything } },
      });
    }
  });

  test('a sweep has none beside it', () => {
    const single = functions.filter(([, { ReservedConcurrentExecutions }]) => ReservedConcurrentExecutions === 1);
    expect(single.map(([id]) => id)).toEqual([expect.stringContaining('Sweep'), expect.stringContaining('Pools')]);
  });
});

describe('the change stream', () => {
  const consumers = all('AWS::Lambda::EventSourceMapping');

  test('has two consumers, the most that DynamoDB lets read', () => {
    expect(consumers).toHaveLength(2);
  });

  test('isolates what cannot be handled, gives it up in time and keeps its place', () => {
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
      // DynamoDB forgets after 24 h.
      expect(age, id).toBeLessThan(24 * 3_600);
    }
  });

  test('wakes a consumer for its items alone', () => {
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

  test('are traced, and log all but the data, in which task tokens are', () => {
    expect(machines).toHaveLength(3);
    for (const [id, machine] of machines) {
      expect(machine, id).toMatchObject({
        TracingConfiguration: { Enabled: true },
        LoggingConfiguration: { Level: 'ALL', IncludeExecutionData: false },
      });
    }
  });

  test('have a function for every name in their definition', () => {
    for (const [id, { DefinitionString, DefinitionSubstitutions }] of machines) {
      const names = [...String(DefinitionString).matchAll(/\$\{(\w+)\}/g)].map(([, name]) => name);
      expect(Object.keys(DefinitionSubstitutions as object).sort(), id).toEqual([...new Set(names)].sort());
    }
  });
});

describe('the API', () => {
  const stage = only('AWS::ApiGatewayV2::Stage').Properties;

  test('has every route of the route table, each with its limit', () => {
    const wanted = Object.values(routes).map(({ method, path }) => `${method} ${path}`);
    const keys = all('AWS::ApiGatewayV2::Route').map(([, { RouteKey }]) => RouteKey);
    expect(keys.sort()).toEqual([...wanted, '$default'].sort());
    const limits = stage['RouteSettings'] as Record<
      string,
      { ThrottlingRateLimit: number; ThrottlingBurstLimit: number }
    >;
    expect(Object.keys(limits).sort()).toEqual(wanted.sort());
    for (const limit of Object.values(limits)) expect(limit.ThrottlingRateLimit).toBeGreaterThan(0);
  });

  test('is open to the portal alone, under its own name', () => {
    expect(only('AWS::ApiGatewayV2::Api').Properties).toMatchObject({
      DisableExecuteApiEndpoint: true,
      CorsConfiguration: { AllowOrigins: ['https://berth.example.com'] },
    });
  });

  test('logs neither queries nor credentials', () => {
    const { Format } = stage['AccessLogSettings'] as { Format: string };
    expect(Format).not.toMatch(/authori[sz]|query|header|\$context\.path\b.*\?|requestOverride/i);
    expect(Object.keys(JSON.parse(Format) as object)).toContain('requestId');
  });
});

describe('the gateway', () => {
  test('is reached by TLS of today', () => {
    const listeners = all('AWS::ElasticLoadBalancingV2::Listener').map(([, listener]) => listener);
    expect(listeners).toContainEqual(
      expect.objectContaining({ Port: 443, SslPolicy: expect.stringContaining('TLS13') }),
    );
    expect(listeners).toContainEqual(
      expect.objectContaining({ Port: 80, DefaultActions: [expect.objectContaining({ Type: 'redirect' })] }),
    );
  });

  test('stands anew before it goes, and goes back when it cannot stand', () => {
    expect(only('AWS::ECS::Service').Properties).toMatchObject({
      DeploymentConfiguration: {
        MinimumHealthyPercent: 100,
        DeploymentCircuitBreaker: { Enable: true, Rollback: true },
      },
    });
    const {
      ContainerDefinitions: [container],
    } = only('AWS::ECS::TaskDefinition').Properties as {
      ContainerDefinitions: { StopTimeout: number; Environment: { Name: string; Value: string }[] }[];
    };
    const drain = container?.Environment.find(({ Name }) => Name === 'BERTH_DRAIN_SECONDS');
    expect(container?.StopTimeout).toBeGreaterThan(Number(drain?.Value));
  });

  test('is reached on its two ports by the balancer and by itself', () => {
    const inward = [...all('AWS::EC2::SecurityGroupIngress')].map(([, { FromPort }]) => FromPort);
    expect(inward.sort()).toEqual([8_080, 8_081]);
  });
});

describe('the sleep of the gateway', () => {
  const logical = (id: string) => id.replace('Berth/', '');
  const ofSleep = (type: string) => all(type).filter(([id]) => id.startsWith('Berth/GatewaySleep'));
  const rules = ofSleep('AWS::Events::Rule').map(([, rule]) => {
    const { EventPattern, Targets } = rule as {
      EventPattern: { resources?: unknown; detail: { state?: { value: string[] }; status?: string[] } };
      Targets: { Arn: unknown; Input: string }[];
    };
    const { resources, detail } = EventPattern;
    const told = detail.state?.value ?? detail.status;
    return { resources, told, Targets, input: JSON.parse(Targets[0]?.Input ?? '') as unknown };
  });
  const [[machine, { DefinitionString }]] = ofSleep('AWS::StepFunctions::StateMachine') as [
    [string, Record<string, unknown>],
  ];
  const [[alarm]] = ofSleep('AWS::CloudWatch::Alarm') as [[string, unknown]];

  test('comes when the alarm comes, and ends when it goes or a workspace starts', () => {
    const ofAlarm = [{ 'Fn::GetAtt': [logical(alarm), 'Arn'] }];
    expect(rules).toHaveLength(3);
    expect(rules).toContainEqual(
      expect.objectContaining({ resources: ofAlarm, told: ['ALARM'], input: { replicas: 0 } }),
    );
    expect(rules).toContainEqual(expect.objectContaining({ resources: ofAlarm, told: ['OK'], input: { replicas: 2 } }));
    expect(rules).toContainEqual(expect.objectContaining({ told: ['RUNNING'], input: { replicas: 2 } }));
    for (const { Targets } of rules) expect(Targets).toMatchObject([{ Arn: { Ref: logical(machine) } }]);
    expect(String(DefinitionString)).toContain('"DesiredCount.$":"$.replicas"');
  });

  test('is no action of an alarm, which would be repeated against the start that woke it', () => {
    expect(all('AWS::ApplicationAutoScaling::ScalableTarget')).toEqual([]);
    expect(all('AWS::ApplicationAutoScaling::ScalingPolicy')).toEqual([]);
    for (const action of ['AlarmActions', 'OKActions', 'InsufficientDataActions']) {
      expect(ofSleep('AWS::CloudWatch::Alarm')[0]?.[1]).not.toHaveProperty(action);
    }
  });
});

test('machines of workspaces: no way in, no key, IMDSv2 of one hop, encrypted disks', () => {
  const { LaunchTemplateData: data } = only('AWS::EC2::LaunchTemplate').Properties as {
    LaunchTemplateData: Record<string, unknown>;
  };
  expect(data).toMatchObject({
    MetadataOptions: { HttpTokens: 'required', HttpPutResponseHopLimit: 1, InstanceMetadataTags: 'enabled' },
    BlockDeviceMappings: [{ Ebs: { Encrypted: true, VolumeType: 'gp3' } }],
  });
  expect(data).not.toHaveProperty('KeyName');
  const machines = all('AWS::EC2::SecurityGroup').find(([id]) => id.includes('VmsMachines'));
  expect(machines?.[1]).not.toHaveProperty('SecurityGroupIngress');
  expect(machines?.[1]['SecurityGroupEgress']).toHaveLength(3);
});

test('the disk of a machine is the root of its image', () => {
  const [pool] = settingsWith().vmPools;
  const ubuntu = { ...pool, ami: 'ami-0123456789abcdef0', rootDevice: '/dev/sda1' };
  const [[, template]] = synthesize({ vmPools: [ubuntu] }).ofType('AWS::EC2::LaunchTemplate') as [[string, Resource]];
  expect(template.Properties['LaunchTemplateData']).toMatchObject({
    BlockDeviceMappings: [{ DeviceName: '/dev/sda1', Ebs: { VolumeSize: 40 } }],
  });
});

test('the portal is behind one origin with the API and the gateway, with strict headers', () => {
  const { DistributionConfig } = only('AWS::CloudFront::Distribution').Properties as {
    DistributionConfig: { CacheBehaviors: { PathPattern: string }[]; Aliases: string[] };
  };
  expect(DistributionConfig.Aliases).toEqual(['berth.example.com']);
  expect(DistributionConfig.CacheBehaviors.map(({ PathPattern }) => PathPattern)).toEqual(['/api/*', '/gateway/*']);
  const { ResponseHeadersPolicyConfig } = only('AWS::CloudFront::ResponseHeadersPolicy').Properties as {
    ResponseHeadersPolicyConfig: { SecurityHeadersConfig: Record<string, Record<string, unknown>> };
  };
  const { ContentSecurityPolicy, StrictTransportSecurity } = ResponseHeadersPolicyConfig.SecurityHeadersConfig;
  expect(ContentSecurityPolicy?.['ContentSecurityPolicy']).toMatch(/^default-src 'none'; script-src 'self';/);
  expect(StrictTransportSecurity).toMatchObject({ AccessControlMaxAgeSec: 31_536_000 });
});

test('no secret is in a template', () => {
  const text = JSON.stringify(templates);
  expect(text).not.toMatch(/AKIA[A-Z0-9]{16}|-----BEGIN (RSA |EC )?PRIVATE KEY|berth_[0-9a-f]{16}_/);
  const oidc = synthesize({
    signIn: {
      domainPrefix: 'berth-example',
      oidc: {
        name: 'Entra',
        issuer: 'https://login.example.com',
        clientId: 'berth',
        clientSecret: 'arn:aws:secretsmanager:eu-central-1:111122223333:secret:oidc-AbCdEf',
      },
    },
  });
  const [[, provider]] = oidc.ofType('AWS::Cognito::UserPoolIdentityProvider') as [[string, Resource]];
  const { client_secret: secret } = provider.Properties['ProviderDetails'] as { client_secret: string };
  expect(secret).toMatch(/^\{\{resolve:secretsmanager:arn:aws:secretsmanager:/);
});
