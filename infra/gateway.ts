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
import { Construct } from 'constructs';
import type { AgentIdentitySettings } from '../contracts/agent-identities.ts';
import type { VariableName } from '../contracts/environment.ts';
import type { Addresses, Installation } from './installation.ts';
import type { KeptStack } from './kept-stack.ts';
import type { Names } from './names.ts';
import type { Network } from './network.ts';
import { grantOpen } from './sealing.ts';
import { limitsText } from './settings.ts';
import { allow, type Worker } from './worker.ts';

/** As the Dockerfile has them. */
const ports = { balancer: 8_080, peers: 8_081 };

/** Fargate kills a task 120 s after it was asked to end; before that agents and people are to have moved. */
const stopSeconds = 120;
const drainSeconds = 100;

export interface GatewayProps {
  installation: Installation;
  kept: KeptStack;
  /** Of the same region, for its log. */
  key: IKey;
  network: Network;
  certificate: ICertificate;
  /** Left as it is when not given. */
  replicas: number | undefined;
  /** Networks of the gateway's other regions, which are joined to this one. */
  elsewhere: string[];
}

/** The data plane: agents dial in, browsers and terminals are brought to them. */
export class Gateway extends Construct implements Worker {
  readonly role: Role;
  readonly balancer: ApplicationLoadBalancer;
  readonly targets: ApplicationTargetGroup;
  readonly service: FargateService;
  readonly cluster: Cluster;

  constructor(scope: Construct, id: string, props: GatewayProps) {
    super(scope, id);
    const { installation, kept, network, certificate } = props;
    this.role = new Role(this, 'Role', { assumedBy: new ServicePrincipal('ecs-tasks.amazonaws.com') });
    const [outside, inside] = this.#securityGroups(props);
    this.balancer = new ApplicationLoadBalancer(this, 'Balancer', {
      vpc: network.vpc,
      vpcSubnets: { subnets: network.publicSubnets },
      internetFacing: true,
      securityGroup: outside,
      // A terminal may be silent for long, and an app's own WebSocket has no heartbeat of ours.
      idleTimeout: Duration.hours(1),
      // To browsers; to a replica it speaks HTTP/1.1, and WebSockets are HTTP/1.1 all the way.
      http2Enabled: true,
      dropInvalidHeaderFields: true,
      // What two readers could understand differently is refused, or its connection is used for nothing else.
      desyncMitigationMode: DesyncMitigationMode.DEFENSIVE,
      deletionProtection: false,
    });
    this.targets = this.#targets(network);
    this.#listeners(certificate);
    this.cluster = new Cluster(this, 'Cluster', {
      vpc: network.vpc,
      // Insights cost more a month than a replica; the gateway's own metrics and logs tell enough.
      containerInsightsV2: ContainerInsights.DISABLED,
    });
    this.service = this.#service(props, inside);
    this.service.attachToApplicationTargetGroup(this.targets);
    this.#grant(installation, kept);
  }

  tell(name: VariableName, value: string): void {
    this.service.taskDefinition.defaultContainer?.addEnvironment(name, value);
  }

  /** Whose word the gateway takes that an agent is who it says. */
  trust(identities: AgentIdentitySettings): void {
    this.tell('BERTH_AGENT_IDENTITIES', Stack.of(this).toJsonString(identities));
  }

  #grant({ addresses, settings }: Installation, kept: KeptStack): void {
    kept.table.grantReadWrite(this);
    kept.agentKey.grantRead(this);
    grantOpen(this, kept);
    kept.signIn.tell(this);
    // It sees by itself that it is to end, long before it is told: see gateway/ecs-task.ts.
    const { region, account } = Stack.of(this);
    allow(this, ['ecs:DescribeTasks'], [`arn:aws:ecs:${region}:${account}:task/${this.cluster.clusterName}/*`]);
    this.tell('BERTH_HOME_REGION', settings.region);
    this.tell('BERTH_ROLE_GROUPS', JSON.stringify(settings.roles));
    this.tell('BERTH_LIMITS', limitsText(settings));
    this.tell('BERTH_APP_DOMAIN', addresses.apps);
    this.tell('BERTH_PORTAL_URL', `https://${addresses.portal}`);
    this.tell('BERTH_PORT', String(ports.balancer));
    this.tell('BERTH_PEER_PORT', String(ports.peers));
    this.tell('BERTH_DRAIN_SECONDS', String(drainSeconds));
  }

  /** Everybody reaches the balancer by https; the balancer reaches replicas, and replicas each other, in all regions. */
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
      // After this the balancer cuts what is open, and only then is the replica asked to end. New sessions come in by
      // the other replicas meanwhile, which reach the agents that are still at this one.
      deregistrationDelay: Duration.seconds(300),
    });
  }

  #listeners(certificate: ICertificate): void {
    this.balancer.addListener('Https', {
      port: 443,
      protocol: ApplicationProtocol.HTTPS,
      certificates: [certificate],
      // TLS 1.3, and of 1.2 what has forward secrecy: CloudFront speaks no newer one to an origin.
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

  #task({ installation: { settings, artefacts }, key }: GatewayProps): FargateTaskDefinition {
    const task = new FargateTaskDefinition(this, 'Task', {
      // The smallest there is carries 2,500 connections: measured 120 MB/s on a whole CPU, and 30 KB an agent.
      cpu: 256,
      memoryLimitMiB: 512,
      runtimePlatform: { cpuArchitecture: CpuArchitecture.ARM64, operatingSystemFamily: OperatingSystemFamily.LINUX },
      taskRole: this.role,
      executionRole: new Role(this, 'ExecutionRole', { assumedBy: new ServicePrincipal('ecs-tasks.amazonaws.com') }),
    });
    const logs = new LogGroup(this, 'Logs', {
      encryptionKey: key,
      retention: settings.logRetentionDays as RetentionDays,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    task.addContainer('gateway', {
      image: artefacts.gatewayImage(),
      portMappings: Object.values(ports).map((containerPort) => ({ containerPort, protocol: Protocol.TCP })),
      logging: LogDrivers.awsLogs({ logGroup: logs, streamPrefix: 'gateway' }),
      stopTimeout: Duration.seconds(stopSeconds),
      readonlyRootFilesystem: true,
    });
    return task;
  }

  #service(props: GatewayProps, group: SecurityGroup): FargateService {
    const { network, replicas } = props;
    return new FargateService(this, 'Service', {
      cluster: this.cluster as ICluster,
      taskDefinition: this.#task(props),
      vpcSubnets: { subnets: network.subnets },
      assignPublicIp: network.needsPublicAddress,
      securityGroups: [group],
      ...(replicas === undefined ? {} : { desiredCount: replicas }),
      // A new replica stands before an old one goes.
      minHealthyPercent: 100,
      maxHealthyPercent: 200,
      circuitBreaker: { enable: true, rollback: true },
      healthCheckGracePeriod: Duration.seconds(30),
    });
  }
}

/** Leads the gateway's names to its balancer in this region; with others, to the nearest whose replicas are well. */
export const pointToGateway = (names: Names, { gateway, apps }: Addresses, { balancer }: Gateway): void => {
  const answering = {
    target: new LoadBalancerTarget(balancer, { evaluateTargetHealth: true }),
    address: balancer.loadBalancerDnsName,
    region: Stack.of(balancer).region,
  };
  names.point('GatewayName', gateway, answering);
  names.point('AppsName', `*.${apps}`, answering);
};
