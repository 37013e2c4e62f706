import { Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import type { ICertificate } from 'aws-cdk-lib/aws-certificatemanager';
import { Peer, Port, SecurityGroup } from 'aws-cdk-lib/aws-ec2';
import {
  Cluster,
  ContainerInsights,
  CpuArchitecture,
  FargateService,
  FargateTaskDefinition,
  type ICluster,
  LogDrivers,
  OperatingSystemFamily,
  Protocol,
} from 'aws-cdk-lib/aws-ecs';
import {
  ApplicationLoadBalancer,
  ApplicationProtocol,
  ApplicationTargetGroup,
  DesyncMitigationMode,
  ListenerAction,
  SslPolicy,
  TargetType,
} from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import { LoadBalancerTarget } from 'aws-cdk-lib/aws-route53-targets';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import type { AgentIdentitySettings } from '../../contracts/settings/agent-identities.ts';
import type { VariableName } from '../../contracts/settings/environment.ts';
import { allow, type Workload } from '../functions/workload.ts';
import type { DomainNames } from '../network/domain-names.ts';
import type { Network } from '../network/network.ts';
import { trafficLogBucket } from '../network/traffic-logs.ts';
import type { Addresses, Installation } from '../settings/installation.ts';
import { limitsText } from '../settings/settings.ts';
import { grantOpen } from '../stateful/sealing.ts';
import type { StatefulStack } from '../stateful/stateful-stack.ts';

/** The ports that the Dockerfile exposes. */
const ports = { balancer: 8_080, peers: 8_081 };

/** Fargate kills a task 120 s after SIGTERM; connections have to be drained by then. */
const stopSeconds = 120;
const drainSeconds = 100;

/** Replicas are removed only after half an hour of low load: removing one cuts its connections after five minutes. */
const scaleInCooldown = Duration.minutes(30);

export interface GatewayProps {
  installation: Installation;
  stateful: StatefulStack;
  /** A key of the same region, for the log. */
  key: IKey;
  network: Network;
  certificate: ICertificate;
  /** The fewest replicas while the gateway does not sleep. */
  replicas: number;
  /** Address ranges of the gateway's other regions, whose networks are peered with this one. */
  elsewhere: string[];
}

/** The data plane: agents connect to it, and it routes browsers and terminals to them. */
export class Gateway extends Construct implements Workload {
  readonly role: Role;
  readonly balancer: ApplicationLoadBalancer;
  readonly targets: ApplicationTargetGroup;
  readonly service: FargateService;
  readonly cluster: Cluster;

  constructor(scope: Construct, id: string, props: GatewayProps) {
    super(scope, id);
    const { installation, stateful, network, certificate } = props;
    this.role = new Role(this, 'Role', { assumedBy: new ServicePrincipal('ecs-tasks.amazonaws.com') });
    const [outside, inside] = this.#securityGroups(props);
    this.balancer = new ApplicationLoadBalancer(this, 'Balancer', {
      vpc: network.vpc,
      vpcSubnets: { subnets: network.publicSubnets },
      internetFacing: true,
      securityGroup: outside,
      // A terminal may be silent for a long time, and Berth adds no heartbeat to an app's own WebSocket.
      idleTimeout: Duration.hours(1),
      // For browsers. The load balancer uses HTTP/1.1 to replicas, and for WebSockets throughout.
      http2Enabled: true,
      dropInvalidHeaderFields: true,
      // Against request smuggling: ambiguous requests are refused or get a connection of their own.
      desyncMitigationMode: DesyncMitigationMode.DEFENSIVE,
      deletionProtection: false,
    });
    this.#logTraffic(installation);
    this.targets = this.#targets(network);
    this.#listeners(certificate);
    this.cluster = new Cluster(this, 'Cluster', {
      vpc: network.vpc,
      // Container Insights costs more than a replica; the gateway's metrics and logs suffice.
      containerInsightsV2: ContainerInsights.DISABLED,
    });
    this.service = this.#service(props, inside);
    this.service.attachToApplicationTargetGroup(this.targets);
    this.#scale(props);
    this.#grant(installation, stateful);
  }

  addEnvironment(name: VariableName, value: string): void {
    this.service.taskDefinition.defaultContainer?.addEnvironment(name, value);
  }

  /** Sets the identities that the gateway accepts when agents authenticate. */
  trust(identities: AgentIdentitySettings): void {
    this.addEnvironment('BERTH_AGENT_IDENTITIES', Stack.of(this).toJsonString(identities));
  }

  #grant({ addresses, settings }: Installation, stateful: StatefulStack): void {
    stateful.table.grantReadWrite(this);
    stateful.agentKey.grantRead(this);
    grantOpen(this, stateful);
    stateful.signIn.addIssuerTo(this);
    // The gateway polls ECS for the replacement of its task, long before SIGTERM: see gateway/peers/ecs-task.ts.
    const { region, account } = Stack.of(this);
    allow(this, ['ecs:DescribeTasks'], [`arn:aws:ecs:${region}:${account}:task/${this.cluster.clusterName}/*`]);
    this.addEnvironment('BERTH_HOME_REGION', settings.region);
    this.addEnvironment('BERTH_ROLE_GROUPS', JSON.stringify(settings.roles));
    this.addEnvironment('BERTH_LIMITS', limitsText(settings));
    this.addEnvironment('BERTH_APP_DOMAIN', addresses.apps);
    this.addEnvironment('BERTH_PORTAL_URL', `https://${addresses.portal}`);
    this.addEnvironment('BERTH_PORT', String(ports.balancer));
    this.addEnvironment('BERTH_PEER_PORT', String(ports.peers));
    this.addEnvironment('BERTH_DRAIN_SECONDS', String(drainSeconds));
  }

  /** Opens the load balancer to HTTPS, the replicas to the load balancer, and to each other in all regions. */
  #securityGroups({ network: { vpc }, elsewhere }: GatewayProps): [SecurityGroup, SecurityGroup] {
    const outside = new SecurityGroup(this, 'Outside', {
      vpc,
      description: 'Berth load balancer',
      allowAllOutbound: false,
    });
    const inside = new SecurityGroup(this, 'Inside', { vpc, description: 'Berth gateway', allowAllOutbound: false });
    outside.addIngressRule(Peer.anyIpv4(), Port.tcp(443), 'people and agents');
    outside.addIngressRule(Peer.anyIpv4(), Port.tcp(80), 'redirected to https');
    outside.addEgressRule(inside, Port.tcp(ports.balancer), 'replicas');
    inside.addIngressRule(outside, Port.tcp(ports.balancer), 'the load balancer');
    inside.addIngressRule(inside, Port.tcp(ports.peers), 'other replicas');
    inside.addEgressRule(inside, Port.tcp(ports.peers), 'other replicas');
    inside.addEgressRule(Peer.anyIpv4(), Port.tcp(443), 'AWS APIs; workspaces are never dialled');
    for (const range of elsewhere) {
      inside.addIngressRule(Peer.ipv4(range), Port.tcp(ports.peers), 'replicas of another region');
      inside.addEgressRule(Peer.ipv4(range), Port.tcp(ports.peers), 'replicas of another region');
    }
    return [outside, inside];
  }

  /** Logs connections, and requests only if the settings say so: their URLs show what people do in their apps. */
  #logTraffic({ settings }: Installation): void {
    const bucket = trafficLogBucket(this, settings) as IBucket;
    this.balancer.logConnectionLogs(bucket, 'connections');
    if (settings.gateway.requestLogs) this.balancer.logAccessLogs(bucket, 'requests');
  }

  #targets({ vpc }: Network): ApplicationTargetGroup {
    return new ApplicationTargetGroup(this, 'Targets', {
      vpc,
      targetType: TargetType.IP,
      protocol: ApplicationProtocol.HTTP,
      port: ports.balancer,
      healthCheck: {
        path: '/healthz',
        interval: Duration.seconds(10),
        timeout: Duration.seconds(5),
        healthyThresholdCount: 2,
        unhealthyThresholdCount: 3,
      },
      // After this delay the load balancer closes open connections, and only then does ECS send SIGTERM. Meanwhile new
      // sessions use the other replicas, which reach the agents that are still connected to this one.
      deregistrationDelay: Duration.seconds(300),
    });
  }

  #listeners(certificate: ICertificate): void {
    this.balancer.addListener('Https', {
      port: 443,
      protocol: ApplicationProtocol.HTTPS,
      certificates: [certificate],
      // TLS 1.3, and 1.2 with forward secrecy: CloudFront supports nothing newer to an origin.
      sslPolicy: SslPolicy.TLS13_RES,
      open: false,
      defaultAction: ListenerAction.forward([this.targets]),
    });
    this.balancer.addListener('Http', {
      port: 80,
      protocol: ApplicationProtocol.HTTP,
      open: false,
      defaultAction: ListenerAction.redirect({ protocol: 'HTTPS', port: '443', permanent: true }),
    });
  }

  /**
   * Scales replicas with their load. The template has no desired count: a deployment would reset the count of a gateway
   * under load, or wake one that sleeps. A sleeping gateway stays at zero, because Application Auto Scaling acts on the
   * load of replicas and there is none.
   */
  #scale({ replicas, installation }: GatewayProps): void {
    const { mostReplicas } = installation.settings.gateway;
    const scaling = this.service.autoScaleTaskCount({ minCapacity: replicas, maxCapacity: mostReplicas });
    const policy = { scaleOutCooldown: Duration.minutes(1), scaleInCooldown: scaleInCooldown };
    scaling.scaleOnCpuUtilization('Cpu', { targetUtilizationPercent: 50, ...policy });
    scaling.scaleOnMemoryUtilization('Memory', { targetUtilizationPercent: 60, ...policy });
  }

  #task({ installation: { settings, artifacts }, key }: GatewayProps): FargateTaskDefinition {
    const task = new FargateTaskDefinition(this, 'Task', {
      // The smallest size carries 2,500 connections: a whole CPU was measured at 120 MB/s, and an agent at 30 KB of
      // memory.
      cpu: 256,
      memoryLimitMiB: 512,
      runtimePlatform: { cpuArchitecture: CpuArchitecture.ARM64, operatingSystemFamily: OperatingSystemFamily.LINUX },
      taskRole: this.role,
      executionRole: new Role(this, 'ExecutionRole', { assumedBy: new ServicePrincipal('ecs-tasks.amazonaws.com') }),
    });
    const logs = new LogGroup(this, 'Logs', {
      logGroupName: `/aws/ecs/${settings.name}/gateway`,
      encryptionKey: key,
      retention: settings.logRetentionDays as RetentionDays,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    task.addContainer('gateway', {
      image: artifacts.gatewayImage(),
      portMappings: Object.values(ports).map((containerPort) => ({ containerPort, protocol: Protocol.TCP })),
      logging: LogDrivers.awsLogs({ logGroup: logs, streamPrefix: 'gateway' }),
      stopTimeout: Duration.seconds(stopSeconds),
      readonlyRootFilesystem: true,
    });
    return task;
  }

  #service(props: GatewayProps, group: SecurityGroup): FargateService {
    const { network } = props;
    return new FargateService(this, 'Service', {
      cluster: this.cluster as ICluster,
      taskDefinition: this.#task(props),
      vpcSubnets: { subnets: network.subnets },
      assignPublicIp: network.needsPublicAddress,
      securityGroups: [group],
      // A deployment starts the new replicas before it stops the old ones.
      minHealthyPercent: 100,
      maxHealthyPercent: 200,
      circuitBreaker: { enable: true, rollback: true },
      healthCheckGracePeriod: Duration.seconds(30),
    });
  }
}

/**
 * Points the gateway's DNS names to this region's load balancer; with several regions, clients get the nearest healthy
 * one.
 */
export const pointToGateway = (names: DomainNames, { gateway, apps }: Addresses, { balancer }: Gateway): void => {
  const target = {
    target: new LoadBalancerTarget(balancer, { evaluateTargetHealth: true }),
    address: balancer.loadBalancerDnsName,
    region: Stack.of(balancer).region,
  };
  names.point('GatewayName', gateway, target);
  names.point('AppsName', `*.${apps}`, target);
};
