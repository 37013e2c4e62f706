import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { UpdateContinuousBackupsCommand, UpdateTableCommand } from '@aws-sdk/client-dynamodb';
import { DisableKeyCommand, EnableKeyCommand } from '@aws-sdk/client-kms';
import { DeleteSecretCommand, RestoreSecretCommand } from '@aws-sdk/client-secrets-manager';
import { PurgeQueueCommand, SendMessageCommand } from '@aws-sdk/client-sqs';
import { PutParameterCommand } from '@aws-sdk/client-ssm';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type { Finding } from '../../../contracts/doctor.ts';
import { cluster, clusterAccess } from '../../../infra/doctor/compute/cluster.ts';
import { clusterEndpoint } from '../../../infra/doctor/compute/cluster-endpoint.ts';
import { machines } from '../../../infra/doctor/compute/vm-pools.ts';
import type { Context } from '../../../infra/doctor/context/check.ts';
import type { DeployedStack, Deployment } from '../../../infra/doctor/context/deployment.ts';
import { agentKey } from '../../../infra/doctor/deployed/agent-key.ts';
import { audit } from '../../../infra/doctor/deployed/audit.ts';
import { consumers } from '../../../infra/doctor/deployed/consumers.ts';
import { failureQueues } from '../../../infra/doctor/deployed/failure-queues.ts';
import { table } from '../../../infra/doctor/deployed/table.ts';
import { examine } from '../../../infra/doctor/examine.ts';
import { givenCertificates, madeCertificates } from '../../../infra/doctor/network/certificates.ts';
import { apiHealth, gateway, portal } from '../../../infra/doctor/network/endpoints.ts';
import { hostedZone } from '../../../infra/doctor/network/hosted-zone.ts';
import { network } from '../../../infra/doctor/network/vpc.ts';
import { bootstrap } from '../../../infra/doctor/prerequisites/bootstrap.ts';
import { credentials } from '../../../infra/doctor/prerequisites/credentials.ts';
import { encryptionKey } from '../../../infra/doctor/prerequisites/encryption-key.ts';
import { clientSecret, identityProvider } from '../../../infra/doctor/prerequisites/identity-provider.ts';
import { functionQuota, quotas, shardQuota } from '../../../infra/doctor/prerequisites/quotas.ts';
import { rates } from '../../../infra/doctor/prerequisites/request-rates.ts';
import { vmQuotas } from '../../../infra/doctor/prerequisites/vm-quotas.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { awsError, type Rule } from '../doubles/request-rules.ts';
import {
  account,
  createCertificate,
  type DoctorFixture,
  limits,
  openDoctorFixture,
  region,
  zone,
  zones,
} from './fixture.ts';

const endpoint = inject('moto') ?? '';

describe.runIf(endpoint)('with moto', () => {
  let fixture: DoctorFixture;
  let folder: string;
  beforeAll(async () => {
    folder = temporaryFolder();
    fixture = await openDoctorFixture(endpoint);
  });
  afterAll(async () => {
    await fixture?.stop();
  });

  /** Replaces the response of one operation of AWS while `look` runs. */
  const during = async <T>(operation: string, rule: Rule, look: () => Promise<T>): Promise<T> => {
    const restore = fixture.rules.rule(operation, rule);
    try {
      return await look();
    } finally {
      restore();
    }
  };
  const fails = (...sentences: (string | RegExp)[]) =>
    sentences.map((sentence) =>
      expect.stringMatching(typeof sentence === 'string' ? `^fail: .*${sentence}` : sentence),
    );

  const examineSettings = (parts: Record<string, unknown>, change: Partial<Context> = {}): Promise<Finding[]> => {
    const file = join(folder, 'berth.config.yaml');
    writeFileSync(file, JSON.stringify(fixture.settingsWith(parts)));
    return examine(file, () => ({ ...fixture.context(), ...change }), limits);
  };
  const resourcesOf: Rule = async ({ StackName }) => {
    const { stateful, stateless, portal: portalStack } = fixture.deployment;
    const stacks = [stateful, stateless, portalStack];
    const found = stacks.find((stack) => stack?.name === StackName)?.resources ?? [];
    return {
      StackResourceSummaries: found.map(({ id, type, physicalId }) => ({
        LogicalResourceId: id,
        ResourceType: type,
        PhysicalResourceId: physicalId,
      })),
    };
  };

  const oidc = {
    name: 'Login',
    issuer: 'https://login.example.com',
    clientId: 'berth',
    clientSecret: '',
  };
  /** Settings that name existing resources of the company. */
  const existingResources = () => {
    const { network: net, key, certificates, secret } = fixture.prerequisites;
    return {
      domain: { name: 'berth.example.com', certificates },
      network: { existing: { vpcId: net.vpcId, cidr: '10.60.0.0/16', zones, publicSubnets: [net.a, net.b] } },
      encryptionKey: key,
      signIn: { domainPrefix: 'berth-example', oidc: { ...oidc, clientSecret: secret } },
    };
  };
  const existing = (change: object) => ({
    network: { existing: { ...existingResources().network.existing, ...change } },
  });

  describe('an installation without problems', () => {
    it('has only ok findings before it is deployed', async () => {
      const findings = await examineSettings({ name: 'Other' });
      expect(findings.filter(({ level }) => level !== 'ok')).toEqual([]);
      const names = ['settings', 'credentials', 'stacks', 'bootstrap', 'hosted zone', 'network', 'quotas', 'machines'];
      expect(new Set(findings.map(({ check }) => check))).toEqual(new Set([...names, 'identity provider', 'cluster']));
    });

    it('has only ok findings with the company’s own network, key and certificates', async () => {
      const findings = await examineSettings({ name: 'Other', ...existingResources() });
      expect(findings.filter(({ level }) => level !== 'ok')).toEqual([]);
      expect(findings.map(({ check }) => check)).toEqual(expect.arrayContaining(['certificates', 'encryption key']));
    });

    it('has only ok findings for its resources once it is deployed', async () => {
      const findings = await during('ListStackResources', resourcesOf, () => examineSettings({}));
      expect(findings.filter(({ level }) => level !== 'ok')).toEqual([]);
      const names = ['certificates', 'API', 'portal', 'gateway', 'table', 'change stream', 'audit', 'failures'];
      const seen = findings.map(({ check }) => check);
      expect(seen).toEqual(expect.arrayContaining([...names, 'agent key', 'cluster access']));
    });

    it('does not read the value of a secret', () => {
      expect(fixture.rules.seen.map(({ operation }) => operation)).toContain('DescribeSecret');
      expect(fixture.rules.count('GetSecretValue')).toBe(0);
    });
  });

  describe('settings and credentials', () => {
    it('reports every problem of the settings and runs no other check', async () => {
      const findings = await examineSettings({ region: 'Paris', account: 12 });
      expect(findings.map(({ what }) => what)).toEqual([
        expect.stringContaining('account: must be a text of 12 digits'),
        expect.stringContaining('region: must be an AWS region'),
        expect.stringContaining(`network.new.zones: ${zones[0]} is not a zone of Paris`),
        expect.stringContaining(`network.new.zones: ${zones[1]} is not a zone of Paris`),
      ]);
    });

    it('runs only the checks without credentials in another account, and lists those it skipped', async () => {
      const findings = await examineSettings({ account: '999999999999' });
      const problems = findings.filter(({ level }) => level !== 'ok').map(({ level, what }) => `${level}: ${what}`);
      expect(problems).toEqual([
        `fail: The credentials are for account ${account} (arn:aws:sts::${account}:user/moto); the settings are for 999999999999.`,
        expect.stringMatching(/^warn: Skipped without them: bootstrap, hosted zone, .*machines/),
      ]);
      expect(findings.map(({ check }) => check)).toContain('identity provider');
    });

    it('reports credentials that AWS rejects', async () => {
      const expired: Rule = async () => {
        throw awsError('ExpiredTokenException', 'The security token included in the request is expired', 403);
      };
      expect(await during('GetCallerIdentity', expired, () => fixture.findings(credentials))).toEqual(
        fails('AWS rejected the credentials \\(ExpiredTokenException\\)'),
      );
    });

    it('warns about another region in the environment', async () => {
      const findings = await fixture.findings(credentials, {}, {}, { environmentRegion: 'us-west-2' });
      expect(findings[1]).toBe(
        `warn: The environment’s region is us-west-2; the settings say ${region}. Berth uses the settings.`,
      );
    });

    it('reports a missing permission by its name and runs the other checks', async () => {
      const refuse: Rule = async () => {
        throw awsError('AccessDeniedException', 'User: x is not authorized to perform: ssm:GetParameter on y', 403);
      };
      const unnamed: Rule = async () => {
        throw awsError('UnauthorizedOperation', 'You are not authorized to perform this operation.', 403);
      };
      const findings = await during('GetParameter', refuse, () =>
        during('DescribeAvailabilityZones', unnamed, () => examineSettings({ name: 'Other' })),
      );
      const wrong = findings.filter(({ level }) => level !== 'ok');
      expect(wrong).toEqual([
        {
          check: 'bootstrap',
          level: 'fail',
          what: 'The check failed: you have no permission for ssm:GetParameter.',
          todo: 'Ask for ssm:GetParameter.',
        },
        expect.objectContaining({ check: 'network', todo: 'Ask for ec2:DescribeAvailabilityZones.' }),
      ]);
      expect(findings.map(({ check }) => check)).toContain('cluster');
    });
  });

  describe('before a deployment', () => {
    it('checks bootstrap and certificates of the gateway’s further regions', async () => {
      const cidr = '10.41.0.0/16';
      const further = new Map([['us-west-2', fixture.aws]]);
      const { certificates } = fixture.prerequisites;
      const here = { region: 'us-west-2', network: { cidr, zones: ['us-west-2a', 'us-west-2b'] } };
      const parts = (certificate: string) => ({
        domain: { name: 'berth.example.com', certificates },
        gateway: { regions: [{ ...here, certificate: `arn:aws:acm:us-west-2:111122223333:${certificate}` }] },
      });
      const findings = await fixture.findings(bootstrap, parts('certificate/x'), {}, { further });
      expect(findings).toContainEqual(expect.stringMatching(/^ok: us-west-2 is bootstrapped/));
      expect(await fixture.findings(givenCertificates, parts('certificate/x'), {}, { further })).toContainEqual(
        expect.stringMatching(/^fail: The certificate in us-west-2 arn:aws:acm:us-west-2:.* does not exist/),
      );
    });

    it('reports a missing bootstrap stack and one that is too old', async () => {
      expect(await fixture.findings(bootstrap, { region: 'eu-west-3' })).toEqual([
        expect.stringContaining('ok: '),
        expect.stringContaining('ok: '),
      ]);
      const absent: Rule = async () => {
        throw awsError('ParameterNotFound');
      };
      expect(await during('GetParameter', absent, () => fixture.findings(bootstrap))).toEqual(
        fails(`${region} is not bootstrapped`, 'us-east-1 is not bootstrapped'),
      );
      const parameter = { Name: '/cdk-bootstrap/hnb659fds/version', Type: 'String', Overwrite: true } as const;
      await fixture.aws.ssm.send(new PutParameterCommand({ ...parameter, Value: '4' }));
      expect((await fixture.findings(bootstrap))[0]).toBe(
        `fail: The CDK bootstrap stack in ${region} has version 4; 8 is required.`,
      );
      await fixture.aws.ssm.send(new PutParameterCommand({ ...parameter, Value: '29' }));
    });

    it('reports a hosted zone that is missing, has another name or is not delegated in DNS', async () => {
      const named = (id: string, name: string) => ({ domain: { name: `berth.${name}`, hostedZone: { id, name } } });
      expect(await fixture.findings(hostedZone, named('Z0000000000000', 'example.com'))).toEqual(
        fails('The hosted zone Z0000000000000 does not exist'),
      );
      expect(await fixture.findings(hostedZone, named(zone, 'example.org'))).toEqual(
        fails('is for example.com, not for example.org'),
      );
      const elsewhere = { nameServers: async () => ['ns.registrar.example'] };
      expect((await fixture.findings(hostedZone, {}, {}, elsewhere))[1]).toMatch(
        /^fail: DNS delegates example.com to ns.registrar.example, not to this zone/,
      );
      const nowhere = {
        nameServers: async () => {
          throw Object.assign(new Error('queryNs ENOTFOUND'), { code: 'ENOTFOUND' });
        },
      };
      expect((await fixture.findings(hostedZone, {}, {}, nowhere))[1]).toMatch(
        /^fail: The zone example.com is not delegated in DNS/,
      );
    });

    it('reports certificates that are missing, expired or for other names', async () => {
      const { regional, portal: ofPortal } = fixture.prerequisites.certificates;
      const domain = (change: object) => ({
        domain: { name: 'berth.example.com', certificates: { regional, portal: ofPortal, ...change } },
      });
      const gone = `${regional.slice(0, -4)}0000`;
      expect((await fixture.findings(givenCertificates, domain({ regional: gone })))[0]).toMatch(
        /The regional certificate arn:.* does not exist/,
      );
      const narrow = await createCertificate(fixture.aws, ['api.berth.example.com', '*.berth.example.com']);
      expect((await fixture.findings(givenCertificates, domain({ regional: narrow })))[0]).toBe(
        'fail: The regional certificate is not valid for *.apps.berth.example.com.',
      );
      const later = { now: new Date(Date.now() + 1_500 * 86_400_000) };
      expect(await fixture.findings(givenCertificates, domain({}), {}, later)).toEqual(
        fails('regional certificate has expired', "portal's certificate has expired"),
      );
    });

    it('reports problems of zones, VPC and subnets', async () => {
      const { a, b, tiny, isolated } = fixture.prerequisites.network;
      expect(await fixture.findings(network, { network: { new: { zones: [zones[0], `${region}z`] } } })).toEqual(
        fails(`The account cannot use ${region}z`),
      );
      expect(await fixture.findings(network, existing({ vpcId: 'vpc-00000000' }))).toEqual(
        fails('The VPC vpc-00000000 does not exist'),
      );
      expect(await fixture.findings(network, existing({ cidr: '10.99.0.0/16' }))).toContainEqual(
        expect.stringMatching(/^fail: The VPC .* has the range 10.60.0.0\/16, not 10.99.0.0\/16/),
      );
      const subnets = (...publicSubnets: string[]) => fixture.findings(network, existing({ publicSubnets }));
      expect(await subnets(a, 'subnet-00000000')).toContainEqual('fail: The subnet subnet-00000000 does not exist.');
      expect(await subnets(b, a)).toEqual(
        expect.arrayContaining(
          fails(`The subnet ${b} is in ${zones[1]}, but its position in publicSubnets is that of ${zones[0]}`),
        ),
      );
      expect(await subnets(a, isolated)).toContainEqual(
        `fail: The subnet ${isolated} has no route to an internet gateway: the load balancer could not be reached.`,
      );
      const full: Rule = async (_, pass) => {
        const output = (await pass()) as { Subnets: object[] };
        return { ...output, Subnets: output.Subnets.map((subnet) => ({ ...subnet, AvailableIpAddressCount: 7 })) };
      };
      expect(await during('DescribeSubnets', full, () => subnets(a, tiny))).toEqual([
        expect.stringContaining('ok: '),
        'fail: A public subnet has fewer than the 8 free addresses that a load balancer needs.',
        'warn: The subnets for workspaces have 14 free addresses; 24 are needed with every pool at its cap.',
      ]);
    });

    it('reports quotas that are too small', async () => {
      const quota =
        (value: number): Rule =>
        async () => ({ Quota: { Value: value } });
      const findings = await during('GetServiceQuota', quota(0), () =>
        fixture.findings(quotas, { network: { new: { zones, nat: 'gateway' } } }),
      );
      expect(findings).toEqual(
        fails('Of 0 VPCs per region, \\d are in use; Berth needs 1', 'Of 0 Elastic IP addresses', 'Of 0 Fargate vCPUs'),
      );
      const newAccount: Rule = async () => ({
        AccountLimit: { ConcurrentExecutions: 10, UnreservedConcurrentExecutions: 10 },
      });
      expect(await during('GetAccountSettings', newAccount, () => fixture.findings(functionQuota))).toEqual([
        'fail: Of 10 concurrent executions of functions, 10 are not reserved; 442 are needed.',
      ]);
      const shards: Rule = async () => ({ ShardLimit: 3, OpenShardCount: 3 });
      expect(await during('DescribeLimits', shards, () => fixture.findings(shardQuota))).toEqual(
        fails('Of 3 Kinesis shards'),
      );
      const spares = { running: 5 };
      const pools = { vmPools: [{ name: 'big', instanceTypes: ['m7g.4xlarge'], cap: 20, spares }] };
      expect(await during('GetServiceQuota', quota(64), () => fixture.findings(vmQuotas, pools))).toEqual([
        'fail: The account may run 64 vCPUs of standard instances; the pools need 80 for their spares, and 320 at their caps.',
      ]);
    });

    it('compares rates with the account’s quotas on all pages, or with the documented defaults', async () => {
      const pools = { vmPools: [{ name: 'big', instanceTypes: ['m7g.large'], cap: 1_200 }] };
      const signIns = (value: number) =>
        `The account allows ${value} sign-ins through the identity provider (Cognito UserFederation) per second; 1200 starts in one morning need 2.`;
      const federation = { QuotaName: 'Rate of UserFederation requests', Value: 1 };
      const onTheSecondPage: Rule = async ({ NextToken }) =>
        NextToken === 'second' ? { Quotas: [federation] } : { Quotas: [{ QuotaName: 'Another' }], NextToken: 'second' };
      const findings = await during('ListServiceQuotas', onTheSecondPage, () => fixture.findings(rates, pools));
      expect(findings).toContainEqual(`warn: ${signIns(1)}`);
      const unlisted: Rule = async () => {
        throw awsError('NoSuchResourceException');
      };
      const usual = await during('ListServiceQuotas', unlisted, () => fixture.findings(rates, pools));
      expect(usual).toContainEqual(`ok: ${signIns(25)}`);
    });

    it('reports images and instance types that a pool cannot use', async () => {
      const pool = (change: object) =>
        fixture.findings(machines, { vmPools: [{ name: 'general', instanceTypes: ['m7g.large'], cap: 5, ...change }] });
      expect(await pool({ ami: 'ami-00000000' })).toContainEqual(
        'fail: Pool general: the account cannot use an image ami-00000000.',
      );
      expect(await pool({ ami: 'ami-04681a1dbd79675a5' })).toContainEqual(
        'fail: Pool general is for arm64, but the image ami-04681a1dbd79675a5 is for x86_64.',
      );
      expect(await pool({ instanceTypes: ['m5.large'] })).toEqual([
        'fail: Pool general is for arm64, but m5.large is not.',
      ]);
      expect(await pool({ instanceTypes: ['m7g.large', 'q1.huge'] })).toContainEqual(
        'fail: Pool general: the region has no instance type q1.huge.',
      );
      const nowhere: Rule = async () => ({
        InstanceTypeOfferings: [{ InstanceType: 'm7g.large', Location: zones[0] }],
      });
      expect(await during('DescribeInstanceTypeOfferings', nowhere, () => pool({}))).toEqual([
        `fail: Pool general: none of its instance types is offered in ${zones[1]}.`,
      ]);
    });

    it('reports an encryption key that is missing, disabled or not allowed for CloudWatch Logs', async () => {
      const { key: KeyId, keyWithoutLogs } = fixture.prerequisites;
      const id = KeyId.split('/').at(-1);
      const check = (encryptionKeyArn: string) => fixture.findings(encryptionKey, { encryptionKey: encryptionKeyArn });
      expect(await check(`${KeyId.slice(0, -4)}0000`)).toEqual(fails('The encryption key .* does not exist'));
      await fixture.aws.kms.send(new DisableKeyCommand({ KeyId: id }));
      expect(await check(KeyId)).toEqual(fails('The encryption key is Disabled'));
      await fixture.aws.kms.send(new EnableKeyCommand({ KeyId: id }));
      expect(await check(keyWithoutLogs)).toEqual(fails('The encryption key’s policy does not allow CloudWatch Logs'));
    });

    it('reports problems of the identity provider’s metadata, issuer and secret', async () => {
      const saml = (name: string) => ({
        signIn: { domainPrefix: 'b', saml: { name: 'Okta', metadataUrl: `https://idp.example.com/${name}` } },
      });
      Object.assign(fixture.pages, {
        'idp.example.com/login': { body: '<html><body>Sign in</body></html>' },
        'idp.example.com/broken': { body: '<md:EntityDescriptor' },
        'idp.example.com/closed': { status: 403 },
      });
      const noMetadata = 'is not the metadata of a SAML identity provider';
      expect(await fixture.findings(identityProvider, saml('login'))).toEqual(fails(noMetadata));
      expect(await fixture.findings(identityProvider, saml('broken'))).toEqual(fails(noMetadata));
      expect(await fixture.findings(identityProvider, saml('closed'))).toEqual(fails('closed returned status 403'));
      const unreachable: typeof fetch = () => fetch('http://127.0.0.1:9/');
      expect(await fixture.findings(identityProvider, {}, {}, { fetch: unreachable })).toEqual(
        fails('cannot be reached'),
      );
      const { signIn } = existingResources();
      const other = { signIn: { ...signIn, oidc: { ...signIn.oidc, issuer: 'https://login.example.com/tenant' } } };
      Object.assign(fixture.pages, {
        'login.example.com/tenant/.well-known/openid-configuration': { body: '{"issuer":"https://login.example.com"}' },
      });
      expect(await fixture.findings(identityProvider, other)).toEqual(
        fails('names the issuer https://login.example.com instead of https://login.example.com/tenant'),
      );
      const lost = {
        signIn: { ...signIn, oidc: { ...signIn.oidc, clientSecret: `${fixture.prerequisites.secret}x` } },
      };
      expect(await fixture.findings(clientSecret, lost)).toEqual(fails('The client secret .* does not exist'));
    });

    it('reports problems of the cluster as EKS describes it', async () => {
      const described =
        (change: object): Rule =>
        async (input, pass) => {
          const { cluster: found } = (await pass(input)) as { cluster: object };
          return { cluster: { ...found, ...change } };
        };
      const findings = (change: object) =>
        during('DescribeCluster', described(change), () => fixture.findings(cluster));
      expect(await findings({ status: 'UPDATING' })).toEqual(fails('The cluster platform is UPDATING'));
      expect(await findings({ accessConfig: { authenticationMode: 'CONFIG_MAP' } })).toEqual(
        fails('The cluster platform does not support access entries \\(authentication mode CONFIG_MAP\\)'),
      );
      expect(await findings({ identity: { oidc: { issuer: 'https://other' } } })).toEqual(
        fails('The cluster platform has a different oidcIssuer: https://other'),
      );
      expect(await findings({ resourcesVpcConfig: { endpointPublicAccess: false } })).toEqual(
        fails('The cluster platform can be reached only from its VPC'),
      );
      const absent: Rule = async () => {
        throw awsError('ResourceNotFoundException');
      };
      expect(await during('DescribeCluster', absent, () => fixture.findings(cluster))).toEqual(
        fails('The cluster platform does not exist'),
      );
    });

    it('reports a cluster endpoint that cannot be reached or has another certificate authority', async () => {
      const { kubernetes } = fixture.settingsWith() as { kubernetes: { existing: Record<string, string> } };
      const check = (change: object) =>
        fixture.findings(clusterEndpoint, { kubernetes: { existing: { ...kubernetes.existing, ...change } } });
      expect(await check({ endpoint: 'https://127.0.0.1:9' })).toEqual(
        fails('cannot be reached at https://127.0.0.1:9: nothing listens'),
      );
      const { vmIdentityCertificates: [stranger] = [] } = fixture.context().settings;
      expect(await check({ certificateAuthority: Buffer.from(stranger ?? '').toString('base64') })).toEqual(
        fails('is signed by an authority that this machine does not trust'),
      );
    });
  });

  describe('after a deployment', () => {
    /** The deployment without its resources of a type. */
    const without = (type: string): Deployment => {
      const cut = (stack: DeployedStack | undefined) =>
        stack && { ...stack, resources: stack.resources.filter((resource) => resource.type !== type) };
      const { stateful, stateless, portal: portalStack } = fixture.deployment;
      return { stateful: cut(stateful), stateless: cut(stateless), portal: cut(portalStack) };
    };
    const physical = (type: string): string =>
      [fixture.deployment.stateful, fixture.deployment.stateless]
        .flatMap((stack) => stack?.resources ?? [])
        .find((resource) => resource.type === type)?.physicalId ?? '';

    it('reports stacks that are rolled back, missing or without an output', async () => {
      const rolledBack: Rule = async ({ StackName }, pass) => {
        if (StackName === 'BerthPortal') throw awsError('ValidationError', 'Stack with id BerthPortal does not exist');
        const output = (await pass()) as { Stacks: object[] };
        return { Stacks: [{ ...output.Stacks[0], StackStatus: 'ROLLBACK_COMPLETE', Outputs: [] }] };
      };
      const findings = await during('DescribeStacks', rolledBack, () =>
        during('ListStackResources', resourcesOf, () =>
          examineSettings({}, { further: new Map([['us-west-2', fixture.aws]]) }),
        ),
      );
      expect(findings.filter(({ check }) => check === 'stacks').map(({ what }) => what)).toEqual([
        'The stack BerthKept is ROLLBACK_COMPLETE.',
        'The stack Berth is ROLLBACK_COMPLETE.',
        'The stack BerthPortal does not exist.',
        'The stack Berth-Gateway-us-west-2 does not exist yet.',
        'The stack Berth has no output FailedChanges.',
      ]);
    });

    it('reports certificates of the stacks that expire soon', async () => {
      const days = 86_400_000;
      const soon = { now: new Date(Date.now() + 380 * days) };
      expect(await fixture.findings(madeCertificates, {}, fixture.deployment, soon)).toEqual([
        expect.stringMatching(
          /^(warn: The regional certificate expires in|fail: The regional certificate has expired)/,
        ),
        expect.stringMatching(/^(warn|fail): The portal's certificate/),
      ]);
    });

    it('reports certificates of the stacks in further regions that expire soon', async () => {
      const { regional } = fixture.prerequisites.certificates;
      const certificate = {
        id: 'NamesCertificate',
        type: 'AWS::CertificateManager::Certificate',
        physicalId: regional,
      };
      const stack = {
        name: 'Berth-Gateway-us-west-2',
        status: 'CREATE_COMPLETE',
        outputs: [],
        resources: [certificate],
      };
      const further = new Map([['us-west-2', fixture.aws]]);
      const deployment = { ...fixture.deployment, gateways: new Map([['us-west-2', stack]]) };
      const now = new Date(Date.now() + 380 * 86_400_000);
      expect(await fixture.findings(madeCertificates, {}, deployment, { further, now })).toContainEqual(
        expect.stringMatching(/^(warn|fail): The certificate in us-west-2 /),
      );
    });

    const withPage = async (page: string, response: DoctorFixture['pages'][string], look: () => Promise<string[]>) => {
      const before = fixture.pages[page];
      fixture.pages[page] = response;
      const findings = await look();
      fixture.pages[page] = before ?? {};
      return findings;
    };

    it('reports an API that fails, is not Berth’s or has another version', async () => {
      const check = (response: DoctorFixture['pages'][string]) =>
        withPage('api.berth.example.com/api/health', response, () =>
          fixture.findings(apiHealth, {}, fixture.deployment),
        );
      expect((await check({ status: 500 }))[0]).toBe(
        'fail: https://api.berth.example.com/api/health returned status 500.',
      );
      expect((await check({ body: '<html>parked</html>' }))[0]).toContain('returned a response that is not Berth’s');
      expect((await check({ body: '{"status":"ok","version":"0.0.1"}' }))[0]).toMatch(/^warn: .* runs Berth 0.0.1/);
    });

    it('reports a portal without its security headers', async () => {
      const check = () => fixture.findings(portal, {}, fixture.deployment);
      const headers = { 'content-security-policy': 'default-src *' };
      expect(await withPage('berth.example.com/', { headers }, check)).toEqual([
        'fail: https://berth.example.com/ does not return the expected content-security-policy, x-content-type-options, referrer-policy, strict-transport-security.',
      ]);
    });

    it('warns about a gateway without replicas if it may sleep, and reports a failure if not', async () => {
      const check = (sleepWhenIdle: boolean) =>
        withPage('gateway.berth.example.com/healthz', { status: 503 }, () =>
          fixture.findings(gateway, { gateway: { sleepWhenIdle } }, fixture.deployment),
        );
      expect(await check(true)).toEqual([expect.stringMatching(/^warn: No replica responds .*sleeps/)]);
      expect(await check(false)).toEqual(['fail: https://gateway.berth.example.com/healthz returned status 503.']);
    });

    it('reports a table that is unprotected, without recovery or missing', async () => {
      const TableName = 'doctor';
      const recovery = (PointInTimeRecoveryEnabled: boolean) =>
        fixture.aws.dynamodb.send(
          new UpdateContinuousBackupsCommand({
            TableName,
            PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled },
          }),
        );
      const protection = (DeletionProtectionEnabled: boolean) =>
        fixture.aws.dynamodb.send(new UpdateTableCommand({ TableName, DeletionProtectionEnabled }));
      await Promise.all([recovery(false), protection(false)]);
      expect(await fixture.findings(table, {}, fixture.deployment)).toEqual([
        'fail: The table doctor cannot be restored to a point in time.',
        'fail: The table doctor is not protected from deletion.',
      ]);
      await Promise.all([recovery(true), protection(true)]);
      const bare: Rule = async (_, pass) => {
        const output = (await pass()) as { Table: object };
        return { Table: { ...output.Table, StreamSpecification: undefined, SSEDescription: undefined } };
      };
      expect(await during('DescribeTable', bare, () => fixture.findings(table, {}, fixture.deployment))).toEqual(
        fails('has no change stream', 'is not encrypted with the customer key'),
      );
      const gone: Rule = async () => {
        throw awsError('ResourceNotFoundException');
      };
      expect(await during('DescribeTable', gone, () => fixture.findings(table, {}, fixture.deployment))).toEqual(
        fails('The table doctor does not exist'),
      );
      expect(await fixture.findings(table, {}, without('AWS::DynamoDB::GlobalTable'))).toEqual(
        fails('The stateful stack has no table'),
      );
    });

    it('reports a consumer of the change stream that is disabled, failing or missing', async () => {
      const check = (change: object) => {
        const rule: Rule = async ({ UUID }) => ({ UUID, State: 'Enabled', FunctionArn: 'arn:fn:Consumer', ...change });
        return during('GetEventSourceMapping', rule, () => fixture.findings(consumers, {}, fixture.deployment));
      };
      expect((await check({ State: 'Disabled' }))[0]).toBe(
        'fail: The change stream does not reach Consumer: its mapping is Disabled.',
      );
      expect((await check({ LastProcessingResult: 'PROBLEM: Function call failed' }))[0]).toContain(
        'PROBLEM: Function call failed',
      );
      expect(await fixture.findings(consumers, {}, without('AWS::Lambda::EventSourceMapping'))).toEqual(
        fails('The change stream has 0 consumers instead of 2'),
      );
    });

    it('reports an audit bucket without Object Lock and a missing audit stream', async () => {
      const unlocked: Rule = async () => {
        throw awsError('ObjectLockConfigurationNotFoundError', 'Object Lock configuration does not exist', 404);
      };
      expect(
        (
          await during('GetObjectLockConfiguration', unlocked, () => fixture.findings(audit, {}, fixture.deployment))
        )[0],
      ).toBe('fail: The audit bucket doctor-audit has no Object Lock: audit events can be changed.');
      expect((await fixture.findings(audit, { audit: { retentionDays: 30 } }, fixture.deployment))[0]).toBe(
        'warn: The audit bucket doctor-audit locks objects for 365 days (GOVERNANCE); the settings say 30 (governance).',
      );
      const gone: Rule = async () => {
        throw awsError('ResourceNotFoundException');
      };
      expect(
        (await during('DescribeStreamSummary', gone, () => fixture.findings(audit, {}, fixture.deployment)))[1],
      ).toBe('fail: The audit stream doctor-audit is missing: audit events are lost after 24 h.');
    });

    it('reports a message in a dead-letter queue', async () => {
      const QueueUrl = physical('AWS::SQS::Queue');
      await fixture.aws.sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: '{}' }));
      expect(await fixture.findings(failureQueues, {}, fixture.deployment)).toEqual([
        'fail: Berth-StreamsFailures has 1 failed message.',
      ]);
      await fixture.aws.sqs.send(new PurgeQueueCommand({ QueueUrl }));
      expect(await fixture.findings(failureQueues, {}, without('AWS::SQS::Queue'))).toEqual(
        fails('The stack has no dead-letter queue'),
      );
    });

    it('reports an agent key that is scheduled for deletion or missing', async () => {
      const SecretId = physical('AWS::SecretsManager::Secret');
      await fixture.aws.secretsmanager.send(new DeleteSecretCommand({ SecretId }));
      expect(await fixture.findings(agentKey, {}, fixture.deployment)).toEqual(
        fails('The agent key is scheduled for deletion'),
      );
      await fixture.aws.secretsmanager.send(new RestoreSecretCommand({ SecretId }));
      expect(await fixture.findings(agentKey, {}, without('AWS::SecretsManager::Secret'))).toEqual(
        fails('has no agent key'),
      );
    });

    it('reports functions without an access entry of the cluster', async () => {
      const strangers: Rule = async () => ({ accessEntries: [`arn:aws:iam::${account}:role/platform`] });
      expect(
        await during('ListAccessEntries', strangers, () => fixture.findings(clusterAccess, {}, fixture.deployment)),
      ).toEqual(fails('Only 0 of 1 functions that manage pods have access to the cluster platform'));
    });
  });
});
