import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { RequestCertificateCommand } from '@aws-sdk/client-acm';
import { CreateStackCommand } from '@aws-sdk/client-cloudformation';
import { CreateTableCommand, UpdateContinuousBackupsCommand, UpdateTableCommand } from '@aws-sdk/client-dynamodb';
import {
  AssociateRouteTableCommand,
  AttachInternetGatewayCommand,
  CreateInternetGatewayCommand,
  CreateRouteCommand,
  CreateRouteTableCommand,
  CreateSubnetCommand,
  CreateVpcCommand,
} from '@aws-sdk/client-ec2';
import { CreateStreamCommand } from '@aws-sdk/client-kinesis';
import { CreateKeyCommand, PutKeyPolicyCommand } from '@aws-sdk/client-kms';
import { CreateHostedZoneCommand } from '@aws-sdk/client-route-53';
import { CreateBucketCommand, PutObjectLockConfigurationCommand } from '@aws-sdk/client-s3';
import { CreateSecretCommand } from '@aws-sdk/client-secrets-manager';
import { CreateQueueCommand } from '@aws-sdk/client-sqs';
import { PutParameterCommand } from '@aws-sdk/client-ssm';
import { parse } from 'yaml';
import { tableDefinition } from '../../../adapters/table/definition.ts';
import { portalHeaders } from '../../../contracts/portal-headers.ts';
import { version } from '../../../contracts/version.ts';
import type { Check, Context } from '../../../infra/doctor/context/check.ts';
import { type Clients, clientsIn } from '../../../infra/doctor/context/clients.ts';
import type { Deployment } from '../../../infra/doctor/context/deployment.ts';
import { runChecks } from '../../../infra/doctor/run.ts';
import { addressesOf, portalAddressesOf } from '../../../infra/settings/installation.ts';
import { Settings } from '../../../infra/settings/settings.ts';
import { loopbackTls } from '../../support/doubles/loopback-tls.ts';
import { listen } from '../doubles/loopback.ts';
import { motoClient } from '../doubles/moto.ts';
import { type Intercepted, intercept } from '../doubles/request-rules.ts';

const root = join(import.meta.dirname, '..', '..', '..');
export const region = 'eu-west-3';
export const account = '123456789012';
export const zone = 'Z0123456789ABC';
export const zones = [`${region}a`, `${region}b`];

/** moto is one Python process, slow on a busy machine. */
export const limits = { atOnce: 12, timeoutMs: 60_000 };

type Json = Record<string, unknown>;
const example = (): Json => parse(readFileSync(join(root, 'infra', 'settings.example.yaml'), 'utf8')) as Json;

/** A response of a web server. */
export interface Page {
  status?: number;
  headers?: Record<string, string>;
  body?: string;
}

export interface DoctorFixture {
  aws: Clients;
  edge: Clients;
  /** The requests to AWS, and the rules that change their responses. */
  rules: Intercepted;
  /** By `host/path`. */
  pages: Record<string, Page>;
  /** Valid settings, with parts replaced. */
  settingsWith(parts?: Json): Json;
  context(parts?: Json, deployment?: Deployment, change?: Partial<Context>): Context;
  /** Runs a check and returns its findings as `fail: The …`. */
  findings(check: Check, parts?: Json, deployment?: Deployment, change?: Partial<Context>): Promise<string[]>;
  deployment: Deployment;
  prerequisites: Prerequisites;
  stop(): Promise<void>;
}

type Prerequisites = Awaited<ReturnType<typeof createPrerequisites>>;

const createNetwork = async ({ ec2 }: Clients) => {
  const { Vpc } = await ec2.send(new CreateVpcCommand({ CidrBlock: '10.60.0.0/16' }));
  const VpcId = Vpc?.VpcId ?? '';
  const { InternetGateway } = await ec2.send(new CreateInternetGatewayCommand({}));
  const GatewayId = InternetGateway?.InternetGatewayId ?? '';
  await ec2.send(new AttachInternetGatewayCommand({ VpcId, InternetGatewayId: GatewayId }));
  const { RouteTable } = await ec2.send(new CreateRouteTableCommand({ VpcId }));
  const RouteTableId = RouteTable?.RouteTableId ?? '';
  await ec2.send(new CreateRouteCommand({ RouteTableId, GatewayId, DestinationCidrBlock: '0.0.0.0/0' }));
  const subnetIn = async (AvailabilityZone: string, CidrBlock: string) => {
    const { Subnet } = await ec2.send(new CreateSubnetCommand({ VpcId, AvailabilityZone, CidrBlock }));
    return Subnet?.SubnetId ?? '';
  };
  const [a, b, tiny] = [
    await subnetIn(zones[0] ?? '', '10.60.0.0/24'),
    await subnetIn(zones[1] ?? '', '10.60.1.0/24'),
    await subnetIn(zones[1] ?? '', '10.60.2.0/28'),
  ];
  for (const SubnetId of [a, b, tiny]) await ec2.send(new AssociateRouteTableCommand({ RouteTableId, SubnetId }));
  return { vpcId: VpcId, a, b, tiny, isolated: await subnetIn(zones[1] ?? '', '10.60.3.0/24') };
};

const keyPolicy = (services: string[]) =>
  JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      { Effect: 'Allow', Principal: { AWS: `arn:aws:iam::${account}:root` }, Action: 'kms:*', Resource: '*' },
      { Effect: 'Allow', Principal: { Service: services }, Action: 'kms:*', Resource: '*' },
    ],
  });

const createKey = async ({ kms }: Clients, services: string[]): Promise<string> => {
  const { KeyMetadata } = await kms.send(new CreateKeyCommand({ KeyUsage: 'ENCRYPT_DECRYPT' }));
  const KeyId = KeyMetadata?.KeyId ?? '';
  await kms.send(new PutKeyPolicyCommand({ KeyId, PolicyName: 'default', Policy: keyPolicy(services) }));
  return KeyMetadata?.Arn ?? '';
};

/** Creates an issued certificate: moto issues only those of a private authority immediately. */
export const createCertificate = async ({ acm }: Clients, [DomainName = '', ...others]: string[]): Promise<string> => {
  const CertificateAuthorityArn = `arn:aws:acm-pca:${region}:${account}:certificate-authority/test`;
  const names = others.length === 0 ? {} : { SubjectAlternativeNames: others };
  const { CertificateArn } = await acm.send(
    new RequestCertificateCommand({ DomainName, ...names, CertificateAuthorityArn }),
  );
  return CertificateArn ?? '';
};

/** Creates what a company has in its account before it deploys. */
const createPrerequisites = async (aws: Clients, edge: Clients) => {
  const parameter = { Name: '/cdk-bootstrap/hnb659fds/version', Value: '29', Type: 'String', Overwrite: true } as const;
  for (const { ssm } of [aws, edge]) await ssm.send(new PutParameterCommand(parameter));
  const { HostedZone, DelegationSet } = await aws.route53.send(
    new CreateHostedZoneCommand({ Name: 'example.com', CallerReference: String(process.pid) }),
  );
  const { ARN: secret = '' } = await aws.secretsmanager.send(
    new CreateSecretCommand({ Name: 'oidc-client', SecretString: 'hush' }),
  );
  return {
    zoneInMoto: HostedZone?.Id?.split('/').at(-1) ?? '',
    nameServers: DelegationSet?.NameServers ?? [],
    network: await createNetwork(aws),
    key: await createKey(aws, [`logs.${region}.amazonaws.com`, 'cloudwatch.amazonaws.com']),
    keyWithoutLogs: await createKey(aws, ['cloudwatch.amazonaws.com']),
    certificates: {
      regional: await createCertificate(aws, [
        'api.berth.example.com',
        'gateway.berth.example.com',
        '*.apps.berth.example.com',
      ]),
      portal: await createCertificate(edge, ['berth.example.com']),
    },
    secret,
  };
};

/** Creates the resources of a deployment in moto. Only the lists of the stacks' resources are made up. */
const createDeployment = async (
  aws: Clients,
  edge: Clients,
  certificates: { regional: string; portal: string },
): Promise<Deployment> => {
  const template = JSON.stringify({
    Resources: { Nothing: { Type: 'AWS::SQS::Queue' } },
    Outputs: {
      FailedChanges: { Value: 'x' },
      NamesApiName: { Value: 'x' },
      NamesGatewayName: { Value: 'x' },
      NamesAppsName: { Value: 'x' },
    },
  });
  for (const [client, StackName] of [
    [aws, 'BerthKept'],
    [aws, 'Berth'],
    [edge, 'BerthPortal'],
  ] as const) {
    await client.cloudformation.send(new CreateStackCommand({ StackName, TemplateBody: template }));
  }
  const TableName = 'doctor';
  await aws.dynamodb.send(
    new CreateTableCommand({ ...tableDefinition(TableName), SSESpecification: { Enabled: true, SSEType: 'KMS' } }),
  );
  await aws.dynamodb.send(
    new UpdateContinuousBackupsCommand({
      TableName,
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
    }),
  );
  await aws.dynamodb.send(new UpdateTableCommand({ TableName, DeletionProtectionEnabled: true }));
  const Bucket = 'doctor-audit';
  const CreateBucketConfiguration = { LocationConstraint: region } as const;
  await aws.s3.send(new CreateBucketCommand({ Bucket, CreateBucketConfiguration, ObjectLockEnabledForBucket: true }));
  const Rule = { DefaultRetention: { Mode: 'GOVERNANCE', Days: 365 } } as const;
  await aws.s3.send(
    new PutObjectLockConfigurationCommand({ Bucket, ObjectLockConfiguration: { ObjectLockEnabled: 'Enabled', Rule } }),
  );
  await aws.kinesis.send(new CreateStreamCommand({ StreamName: 'doctor-audit', ShardCount: 1 }));
  const { ARN = '' } = await aws.secretsmanager.send(new CreateSecretCommand({ Name: 'agents', SecretString: 'hush' }));
  const { QueueUrl = '' } = await aws.sqs.send(new CreateQueueCommand({ QueueName: 'Berth-StreamsFailures' }));
  const resource = (id: string, type: string, physicalId: string) => ({ id, type, physicalId });
  return {
    stateful: {
      name: 'BerthKept',
      status: 'CREATE_COMPLETE',
      outputs: [],
      resources: [
        resource('Table710B521B', 'AWS::DynamoDB::GlobalTable', TableName),
        resource('AuditBucket7486E833', 'AWS::S3::Bucket', Bucket),
        resource('AuditStream1E707208', 'AWS::Kinesis::Stream', 'doctor-audit'),
        resource('AgentKeySecret30FD552F', 'AWS::SecretsManager::Secret', ARN),
      ],
    },
    stateless: {
      name: 'Berth',
      status: 'CREATE_COMPLETE',
      outputs: ['FailedChanges'],
      resources: [
        resource('NamesCertificate', 'AWS::CertificateManager::Certificate', certificates.regional),
        resource('StreamsworkspacesChanges', 'AWS::Lambda::EventSourceMapping', 'mapping-workspaces'),
        resource('StreamsauditChanges', 'AWS::Lambda::EventSourceMapping', 'mapping-audit'),
        resource('StreamsFailuresQueue', 'AWS::SQS::Queue', QueueUrl),
        resource('WorkflowsApplyRole', 'AWS::IAM::Role', 'Berth-Apply'),
        resource('ComputeKubernetesApplyAccess', 'AWS::EKS::AccessEntry', 'entry'),
      ],
    },
    portal: {
      name: 'BerthPortal',
      status: 'CREATE_COMPLETE',
      outputs: [],
      resources: [resource('NamesCertificate', 'AWS::CertificateManager::Certificate', certificates.portal)],
    },
  };
};

const certificateText = loopbackTls.cert.replace(/-----[A-Z ]+-----|\s/g, '');
export const samlMetadata = `<?xml version="1.0"?>
<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" entityID="https://idp.example.com">
  <md:IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">
    <md:KeyDescriptor use="signing"><ds:KeyInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:X509Data>
      <ds:X509Certificate>${certificateText}</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>
    <md:SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" Location="https://idp.example.com/sso"/>
  </md:IDPSSODescriptor>
</md:EntityDescriptor>`;

const quotaValues: Record<string, number> = { 'L-F678F1CE': 5, 'L-0263D0A3': 5, 'L-3032A538': 6, 'L-1216C47A': 1_000 };

/** The quotas of a new account, under their names in Service Quotas. */
const quotasOf: Record<string, { QuotaName: string; Value: number }[]> = {
  'cognito-idp': [
    { QuotaName: 'Rate of UserAuthentication requests', Value: 120 },
    { QuotaName: 'Rate of UserFederation requests', Value: 25 },
  ],
  states: [
    { QuotaName: 'StartExecution throttle token refill rate per second', Value: 150 },
    { QuotaName: 'StateTransition throttle token refill rate per second', Value: 500 },
  ],
};

/** Adds the APIs that moto lacks, with the responses of AWS. */
const addMissingApis = (rules: Intercepted, zoneInMoto: string, cluster: () => Json): void => {
  // moto's zone ids have another format.
  rules.rule('GetHostedZone', async (input, pass) => pass({ Id: input['Id'] === zone ? zoneInMoto : input['Id'] }));
  rules.rule('GetServiceQuota', async ({ QuotaCode }) => ({ Quota: { Value: quotaValues[String(QuotaCode)] } }));
  rules.rule('ListServiceQuotas', async ({ ServiceCode }) => ({ Quotas: quotasOf[String(ServiceCode)] ?? [] }));
  rules.rule('GetAccountSettings', async () => ({
    AccountLimit: { ConcurrentExecutions: 1_000, UnreservedConcurrentExecutions: 1_000 },
  }));
  rules.rule('DescribeCluster', async () => ({ cluster: cluster() }));
  rules.rule('ListAccessEntries', async () => ({ accessEntries: [`arn:aws:iam::${account}:role/Berth-Apply`] }));
  rules.rule('GetEventSourceMapping', async ({ UUID }) => ({ UUID, State: 'Enabled', FunctionArn: `arn:fn:${UUID}` }));
};

const startPages = async (pages: Record<string, Page>) => {
  const server = await listen(({ url = '' }, response) => {
    const page = pages[url.slice(1)];
    response.writeHead(page?.status ?? (page === undefined ? 404 : 200), page?.headers).end(page?.body);
  });
  const fetchPage: typeof fetch = (url, init) =>
    fetch(String(url).replace('https://', `http://127.0.0.1:${server.port}/`), init);
  return { server, fetchPage };
};

/** Starts an API server that shows its certificate and refuses every request. */
const startCluster = async () => {
  const server = createServer(loopbackTls, (_, response) => void response.writeHead(401).end());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { server, endpoint: `https://127.0.0.1:${(server.address() as AddressInfo).port}` };
};

/** An account in moto that passes every check. */
export const openDoctorFixture = async (endpoint: string): Promise<DoctorFixture> => {
  const options = { ...motoClient(endpoint), requestTimeoutMs: 30_000 };
  const aws = clientsIn({ ...options, region });
  const edge = clientsIn({ ...options, region: 'us-east-1' });
  const rules = intercept([...Object.values(aws), ...Object.values(edge)] as never);
  const prerequisites = await createPrerequisites(aws, edge);
  const deployment = await createDeployment(aws, edge, prerequisites.certificates);
  const { server: apiServer, endpoint: clusterAddress } = await startCluster();
  const existing = {
    name: 'platform',
    endpoint: clusterAddress,
    certificateAuthority: Buffer.from(loopbackTls.cert).toString('base64'),
    oidcIssuer: `https://oidc.eks.${region}.amazonaws.com/id/1`,
  };
  addMissingApis(rules, prerequisites.zoneInMoto, () => ({
    name: existing.name,
    status: 'ACTIVE',
    endpoint: existing.endpoint,
    certificateAuthority: { data: existing.certificateAuthority },
    identity: { oidc: { issuer: existing.oidcIssuer } },
    accessConfig: { authenticationMode: 'API' },
    resourcesVpcConfig: { endpointPublicAccess: true, publicAccessCidrs: ['0.0.0.0/0'] },
  }));
  const settingsWith = (parts: Json = {}): Json => ({
    ...example(),
    account,
    region,
    domain: { name: 'berth.example.com', hostedZone: { id: zone, name: 'example.com' } },
    network: { new: { zones } },
    kubernetes: { existing },
    vmPools: [{ name: 'general', instanceTypes: ['m7g.large', 'm6g.large'], ami: 'ami-0e9271c829888680e', cap: 20 }],
    ...parts,
  });
  const { portal, ...addresses } = addressesOf(Settings.parse(settingsWith()));
  const health = { body: JSON.stringify({ status: 'ok', version }) };
  const pages: Record<string, Page> = {
    'example.okta.com/app/abc/sso/saml/metadata': { body: samlMetadata },
    'login.example.com/.well-known/openid-configuration': { body: '{"issuer":"https://login.example.com"}' },
    [`${portal}/api/health`]: health,
    [`${addresses.api}/api/health`]: health,
    [`${portal}/`]: {
      headers: {
        ...portalHeaders(portalAddressesOf({ portal, ...addresses })),
        'strict-transport-security': 'max-age=31536000',
      },
    },
    [`${addresses.gateway}/healthz`]: { body: 'serving' },
  };
  const { server, fetchPage } = await startPages(pages);
  const context: DoctorFixture['context'] = (parts, deployed = {}, change = {}) => {
    const settings = Settings.parse(settingsWith(parts));
    return {
      settings,
      addresses: addressesOf(settings),
      aws,
      edge,
      further: new Map(),
      deployment: deployed,
      fetch: fetchPage,
      nameServers: async () => prerequisites.nameServers,
      environmentRegion: undefined,
      now: new Date(),
      ...change,
    };
  };
  return {
    aws,
    edge,
    rules,
    pages,
    settingsWith,
    context,
    prerequisites,
    deployment,
    findings: async (check, parts, deployed, change) =>
      (await runChecks([check], context(parts, deployed, change), limits)).map(
        ({ level, what }) => `${level}: ${what}`,
      ),
    stop: async () => {
      apiServer.closeAllConnections();
      apiServer.close();
      await server.stop();
      for (const client of [...Object.values(aws), ...Object.values(edge)]) client.destroy();
    },
  };
};
