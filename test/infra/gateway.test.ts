import { describe, expect, test } from 'vitest';
import { all, anything, ofType, only, templates } from './example.ts';
import { type Resource, synthesize } from './synth.ts';

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
    const triggers = detail.state?.value ?? detail.status;
    return { resources, triggers, Targets, input: JSON.parse(Targets[0]?.Input ?? '') as unknown };
  });
  const [[machine, { DefinitionString }]] = ofSleep('AWS::StepFunctions::StateMachine') as [
    [string, Record<string, unknown>],
  ];
  const [[alarm]] = ofSleep('AWS::CloudWatch::Alarm') as [[string, unknown]];

  test('starts with the alarm, and ends with it or when a workspace starts', () => {
    const ofAlarm = [{ 'Fn::GetAtt': [logical(alarm), 'Arn'] }];
    expect(rules).toHaveLength(3);
    expect(rules).toContainEqual(
      expect.objectContaining({ resources: ofAlarm, triggers: ['ALARM'], input: { replicas: 0 } }),
    );
    expect(rules).toContainEqual(
      expect.objectContaining({ resources: ofAlarm, triggers: ['OK'], input: { replicas: 2 } }),
    );
    expect(rules).toContainEqual(expect.objectContaining({ triggers: ['RUNNING'], input: { replicas: 2 } }));
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
