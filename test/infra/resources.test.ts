import { describe, expect, test } from 'vitest';
import { tableDefinition } from '../../adapters/table/definition.ts';
import { entryNames } from '../../bundles/entries.ts';
import { routes } from '../../contracts/routes/routes.ts';
import { indexes } from '../../contracts/table-indexes.ts';
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

/** Excludes the construct library's function that uploads the portal during a deployment. */
const isOurs = ([id]: [string, unknown]) => !id.includes('CustomCDKBucketDeployment');

describe('the stateful stack', () => {
  test('the table has the keys and indexes that the adapter uses', () => {
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

  test('a restored table is used instead of the stack’s own', () => {
    const streamArn = 'arn:aws:dynamodb:eu-central-1:111122223333:table/berth-restored/stream/2026-01-01T00:00:00.000';
    const restoredAt = '2026-11-29T10:00:00Z';
    const restored = synthesize({ restoredTable: { name: 'berth-restored', streamArn, restoredAt } });
    for (const [id, mapping] of restored.ofType('AWS::Lambda::EventSourceMapping')) {
      expect(mapping.Properties['EventSourceArn'], id).toBe(streamArn);
    }
    const text = JSON.stringify(restored.templates['Berth']);
    expect(text).toContain('"BERTH_TABLE":"berth-restored"');
    expect(text).toContain(`"BERTH_RESTORED_AT":"${restoredAt}"`);
    expect(text).toContain('table/berth-restored/index/due');
    expect(text).not.toMatch(/ImportValue":"BerthKept:ExportsOutput\w*Table/);
    // The stack's own table and its exports remain, because the stateless stack imports them until it is deployed.
    expect(restored.ofType('AWS::DynamoDB::GlobalTable')).toHaveLength(1);
    expect(restored.templates['BerthKept']?.['Outputs']).toEqual(templates['BerthKept']?.['Outputs']);
  });

  test('only the functions that compare homes with the table get the retention of homes', () => {
    const told = (stacks: ReturnType<typeof synthesize>) =>
      stacks.ofType('AWS::Lambda::Function').flatMap(([, { Properties }]) => {
        const { Variables } = (Properties['Environment'] ?? {}) as { Variables?: Record<string, unknown> };
        return Variables?.['BERTH_HOME_RETENTION'] === '180d' ? [String(Properties['Description'])] : [];
      });
    expect(told(synthesize({ homeRetention: '180d' })).sort()).toEqual([
      'Sizes the VM pools',
      'The sweep: repairs what a lost schedule, record or machine left undone',
    ]);
    expect(JSON.stringify(templates)).not.toContain('BERTH_HOME_RETENTION');
  });

  test('the key is rotated once a year and outlives its stack', () => {
    const { Properties, DeletionPolicy } = only('AWS::KMS::Key');
    expect(Properties).toMatchObject({ EnableKeyRotation: true });
    expect(DeletionPolicy).toBe('Retain');
  });

  test('audit files cannot be changed', () => {
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

  test('no bucket is public, and each requires TLS', () => {
    const buckets = all('AWS::S3::Bucket');
    expect(buckets.length).toBe(5);
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

  test('self-registration is off, and the client has no secret', () => {
    expect(only('AWS::Cognito::UserPool').Properties).toMatchObject({
      AdminCreateUserConfig: { AllowAdminCreateUserOnly: true },
      DeletionProtection: 'ACTIVE',
      UserPoolTier: 'ESSENTIALS',
      LambdaConfig: {
        InboundFederation: { LambdaArn: anything, LambdaVersion: 'V1_0' },
        PreTokenGenerationConfig: { LambdaVersion: 'V2_0' },
      },
    });
    expect(only('AWS::Cognito::UserPoolClient').Properties).toMatchObject({
      GenerateSecret: false,
      AllowedOAuthFlows: ['code'],
      AllowedOAuthScopes: ['openid', 'profile', 'email'],
      // The command line listens at the other redirect URLs, which are on the person's own machine.
      CallbackURLs: [
        'https://berth.example.com/signed-in',
        'http://localhost:28462/callback',
        'http://localhost:28463/callback',
        'http://localhost:28464/callback',
      ],
      EnableTokenRevocation: true,
      PreventUserExistenceErrors: 'ENABLED',
      AccessTokenValidity: 15,
      // No passwords and no custom challenges: only the identity provider, and refresh tokens.
      ExplicitAuthFlows: ['ALLOW_REFRESH_TOKEN_AUTH'],
      SupportedIdentityProviders: [anything],
      WriteAttributes: ['custom:groups', 'email', 'name', 'preferred_username'],
    });
  });

  test('only Cognito may call the two triggers, and only for its pool', () => {
    const permissions = all('AWS::Lambda::Permission').filter(([, { Principal }]) =>
      String(Principal).startsWith('cognito-idp'),
    );
    const called = permissions.map(([, { FunctionName }]) => JSON.stringify(FunctionName));
    const triggers = (only('AWS::Cognito::UserPool').Properties['LambdaConfig'] ?? {}) as Record<string, unknown>;
    const arns = Object.values(triggers).map((trigger) => (trigger as { LambdaArn?: unknown }).LambdaArn ?? trigger);
    for (const arn of new Set(arns.map((value) => JSON.stringify(value)))) expect(called).toContain(arn);
    for (const [id, { SourceArn }] of permissions) expect(JSON.stringify(SourceArn), id).toContain('SignInPool');
  });

  test('the trigger gets the attribute names of the settings and the groups of roles', () => {
    const [federation] = all('AWS::Lambda::Function').filter(([id]) => id.includes('InboundFederation'));
    const environment = federation?.[1]['Environment'] as { Variables: Record<string, string> } | undefined;
    expect(JSON.parse(environment?.Variables['BERTH_FEDERATION'] ?? '')).toEqual({
      attributes: { groups: 'groups', username: 'username', name: 'name', email: 'email' },
      groups: { roles: ['platform-admins', 'security', 'platform'] },
    });
  });
});

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

  test('every log is encrypted with the key and kept for as long as the settings say', () => {
    const logs = all('AWS::Logs::LogGroup').filter(isOurs);
    expect(logs.length).toBeGreaterThan(functions.length);
    for (const [id, log] of logs) expect(log, id).toMatchObject({ RetentionInDays: 90, KmsKeyId: anything });
  });

  test('asynchronous calls that fail go to a dead-letter queue', () => {
    const kept = all('AWS::Lambda::EventInvokeConfig');
    expect(kept).toHaveLength(4);
    for (const [id, config] of kept) {
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

describe('the API', () => {
  const stage = only('AWS::ApiGatewayV2::Stage').Properties;

  test('has every route of the contracts, each with its rate limit', () => {
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

  test('allows only the portal’s origin, at its own host', () => {
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
  test('requires TLS 1.2 or 1.3 with forward secrecy', () => {
    const listeners = all('AWS::ElasticLoadBalancingV2::Listener').map(([, listener]) => listener);
    expect(listeners).toContainEqual(
      expect.objectContaining({ Port: 443, SslPolicy: expect.stringContaining('TLS13') }),
    );
    expect(listeners).toContainEqual(
      expect.objectContaining({ Port: 80, DefaultActions: [expect.objectContaining({ Type: 'redirect' })] }),
    );
  });

  test('starts new replicas before it stops old ones, and rolls back if they do not become healthy', () => {
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

  test('scales with its load, and an alarm reports when that does not suffice', () => {
    const { Properties } = only('AWS::ApplicationAutoScaling::ScalableTarget');
    expect(Properties).toMatchObject({
      MinCapacity: 2,
      MaxCapacity: 20,
      ScalableDimension: 'ecs:service:DesiredCount',
    });
    // With a count in the template, each deployment would reset a gateway under load, or wake one that sleeps.
    expect(only('AWS::ECS::Service').Properties).not.toHaveProperty('DesiredCount');
    const targets = all('AWS::ApplicationAutoScaling::ScalingPolicy').map(([, policy]) => {
      const tracked = policy['TargetTrackingScalingPolicyConfiguration'] as Record<string, unknown>;
      return [tracked['PredefinedMetricSpecification'], tracked['TargetValue'], tracked['ScaleInCooldown']];
    });
    expect(targets).toEqual([
      [{ PredefinedMetricType: 'ECSServiceAverageCPUUtilization' }, 50, 1_800],
      [{ PredefinedMetricType: 'ECSServiceAverageMemoryUtilization' }, 60, 1_800],
    ]);
    const alarms = all('AWS::CloudWatch::Alarm').map(([, { AlarmDescription }]) => String(AlarmDescription));
    expect(alarms.filter((text) => text.endsWith('#gateway-is-full'))).toHaveLength(1);
  });

  test('logs connections, and requests with their URLs only if the settings say so', () => {
    const attributesIn = (given: ReturnType<typeof synthesize>) => {
      const [[, balancer]] = given.ofType('AWS::ElasticLoadBalancingV2::LoadBalancer') as [[string, Resource]];
      const attributes = balancer.Properties['LoadBalancerAttributes'] as { Key: string; Value: unknown }[];
      return Object.fromEntries(attributes.map(({ Key, Value }) => [Key, Value]));
    };
    const usual = attributesIn({ ofType, templates });
    expect(usual).toMatchObject({ 'connection_logs.s3.enabled': 'true', 'connection_logs.s3.bucket': anything });
    expect(usual['access_logs.s3.enabled'] ?? 'false').toBe('false');
    const wanted = attributesIn(synthesize({ gateway: { requestLogs: true } }));
    expect(wanted).toMatchObject({ 'access_logs.s3.enabled': 'true', 'connection_logs.s3.enabled': 'true' });
  });

  test('accepts connections on its two ports, from the load balancer and from itself', () => {
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

  test('starts with the alarm, and ends with it or when a workspace starts', () => {
    const ofAlarm = [{ 'Fn::GetAtt': [logical(alarm), 'Arn'] }];
    expect(rules).toHaveLength(3);
    expect(rules).toContainEqual(
      expect.objectContaining({ resources: ofAlarm, told: ['ALARM'], input: { replicas: 0 } }),
    );
    expect(rules).toContainEqual(expect.objectContaining({ resources: ofAlarm, told: ['OK'], input: { replicas: 2 } }));
    expect(rules).toContainEqual(expect.objectContaining({ told: ['RUNNING'], input: { replicas: 2 } }));
    for (const { Targets } of rules) expect(Targets).toMatchObject([{ Arn: { Ref: logical(machine) } }]);
    expect(String(DefinitionString)).toContain('"DesiredCount.$":"$.replicas"');
    // test/aws/templates/state-machines.aws.ts tests it with a gateway that was scaled out meanwhile.
    expect(String(DefinitionString)).toContain('"NumericGreaterThanEqualsPath":"$.replicas"');
  });

  test('is not an action of the alarm, which would be repeated and undo a wake', () => {
    for (const [id, { PolicyType }] of all('AWS::ApplicationAutoScaling::ScalingPolicy')) {
      expect(PolicyType, id).toBe('TargetTrackingScaling');
    }
    for (const action of ['AlarmActions', 'OKActions', 'InsufficientDataActions']) {
      expect(ofSleep('AWS::CloudWatch::Alarm')[0]?.[1]).not.toHaveProperty(action);
    }
  });
});

test('VMs of workspaces have no inbound traffic, no key pair, IMDSv2 with one hop, and encrypted disks', () => {
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

test('the disk of a VM is the root device of its image', () => {
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

test('the portal’s requests are logged without fields that could contain credentials', () => {
  const { RecordFields, DeliverySourceName } = only('AWS::Logs::Delivery').Properties;
  expect(RecordFields).toEqual(expect.arrayContaining(['c-ip', 'cs-uri-stem', 'sc-status']));
  expect(String(RecordFields)).not.toMatch(/query|cookie|referer/i);
  expect(only('AWS::Logs::DeliverySource').Properties).toMatchObject({
    Name: DeliverySourceName,
    LogType: 'ACCESS_LOGS',
    ResourceArn: anything,
  });
});

test('a cluster that Berth created is protected against deletion, because it has all homes', () => {
  expect(only('AWS::EKS::Cluster').Properties).toMatchObject({ DeletionProtection: true });
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

test('an alarm reports a reader of the audit that falls behind', () => {
  const alarm = all('AWS::CloudWatch::Alarm').find(([, { AlarmDescription }]) =>
    String(AlarmDescription).endsWith('#audit-readers-lag'),
  );
  expect(alarm?.[1]).toMatchObject({
    MetricName: 'GetRecords.IteratorAgeMilliseconds',
    Namespace: 'AWS/Kinesis',
    Threshold: 3_600_000,
  });
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
