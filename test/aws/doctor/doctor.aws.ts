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
  type DoctorWorld,
  makeCertificate,
  openDoctorWorld,
  patience,
  region,
  zone,
  zones,
} from './fixture.ts';

const endpoint = inject('moto') ?? '';

describe.runIf(endpoint)('with moto', () => {
  let world: DoctorWorld;
  let folder: string;
  beforeAll(async () => {
    folder = temporaryFolder();
    world = await openDoctorWorld(endpoint);
  });
  afterAll(async () => {
    await world?.stop();
  });

  /** One answer of AWS as it is put here, for as long as it is asked about. */
  const during = async <T>(operation: string, rule: Rule, look: () => Promise<T>): Promise<T> => {
    const lift = world.rules.rule(operation, rule);
    try {
      return await look();
    } finally {
      lift();
    }
  };
  const fails = (...sentences: (string | RegExp)[]) =>
    sentences.map((sentence) =>
      expect.stringMatching(typeof sentence === 'string' ? `^fail: .*${sentence}` : sentence),
    );

  const lookAt = (parts: Record<string, unknown>, change: Partial<Context> = {}): Promise<Finding[]> => {
    const file = join(folder, 'berth.config.yaml');
    writeFileSync(file, JSON.stringify(world.settingsWith(parts)));
    return examine(file, () => ({ ...world.context(), ...change }), patience);
  };
  const resourcesOf: Rule = async ({ StackName }) => {
    const stacks = Object.values(world.deployment) as DeployedStack[];
    const found = stacks.find(({ name }) => name === StackName)?.resources ?? [];
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
  /** What a company brings along instead of having it made. */
  const broughtAlong = () => {
    const { network: net, key, certificates, secret } = world.given;
    return {
      domain: { name: 'berth.example.com', certificates },
      network: { existing: { vpcId: net.vpcId, cidr: '10.60.0.0/16', zones, publicSubnets: [net.a, net.b] } },
      encryptionKey: key,
      signIn: { domainPrefix: 'berth-example', oidc: { ...oidc, clientSecret: secret } },
    };
  };
  const existing = (change: object) => ({ network: { existing: { ...broughtAlong().network.existing, ...change } } });

  describe('an installation that is in order', () => {
    it('before it is deployed: nothing but ok', async () => {
      const findings = await lookAt({ name: 'Other' });
      expect(findings.filter(({ level }) => level !== 'ok')).toEqual([]);
      const names = ['settings', 'credentials', 'stacks', 'bootstrap', 'hosted zone', 'network', 'quotas', 'machines'];
      expect(new Set(findings.map(({ check }) => check))).toEqual(new Set([...names, 'identity provider', 'cluster']));
    });

    it('with what the company brings along: nothing but ok', async () => {
      const findings = await lookAt({ name: 'Other', ...broughtAlong() });
      expect(findings.filter(({ level }) => level !== 'ok')).toEqual([]);
      expect(findings.map(({ check }) => check)).toEqual(expect.arrayContaining(['certificates', 'encryption key']));
    });

    it('deployed: what it has, too', async () => {
      const findings = await during('ListStackResources', resourcesOf, () => lookAt({}));
      expect(findings.filter(({ level }) => level !== 'ok')).toEqual([]);
      const names = ['certificates', 'API', 'portal', 'gateway', 'table', 'change stream', 'audit', 'failures'];
      const seen = findings.map(({ check }) => check);
      expect(seen).toEqual(expect.arrayContaining([...names, 'agent key', 'cluster access']));
    });

    it('never reads a secret', () => {
      expect(world.rules.seen.map(({ operation }) => operation)).toContain('DescribeSecret');
      expect(world.rules.count('GetSecretValue')).toBe(0);
    });
  });

  describe('settings and credentials', () => {
    it('tells every problem of the settings, and looks at nothing else', async () => {
      const findings = await lookAt({ region: 'Paris', account: 12 });
      expect(findings.map(({ what }) => what)).toEqual([
        expect.stringContaining('account: must be a text of 12 digits'),
        expect.stringContaining('region: must be an AWS region'),
        expect.stringContaining(`network.new.zones: ${zones[0]} is not a zone of Paris`),
        expect.stringContaining(`network.new.zones: ${zones[1]} is not a zone of Paris`),
      ]);
    });

    it('in another account it looks only at what takes no credentials, and says so', async () => {
      const findings = await lookAt({ account: '999999999999' });
      const told = findings.filter(({ level }) => level !== 'ok').map(({ level, what }) => `${level}: ${what}`);
      expect(told).toEqual([
        `fail: The credentials are for account ${account} (arn:aws:sts::${account}:user/moto); the settings are for 999999999999.`,
        expect.stringMatching(/^warn: Skipped without them: bootstrap, hosted zone, .*machines/),
      ]);
      expect(findings.map(({ check }) => check)).toContain('identity provider');
    });

    it('credentials that AWS does not take', async () => {
      const expired: Rule = async () => {
        throw awsError('ExpiredTokenException', 'The security token included in the request is expired', 403);
      };
      expect(await during('GetCallerIdentity', expired, () => world.ask(credentials))).toEqual(
        fails('AWS rejected the credentials \\(ExpiredTokenException\\)'),
      );
    });

    it('another region in the environment', async () => {
      const told = await world.ask(credentials, {}, {}, { environmentRegion: 'us-west-2' });
      expect(told[1]).toBe(
        `warn: The environment’s region is us-west-2; the settings say ${region}. Berth uses the settings.`,
      );
    });

    it('a missing permission is told by its name, and stops nothing else', async () => {
      const refuse: Rule = async () => {
        throw awsError('AccessDeniedException', 'User: x is not authorized to perform: ssm:GetParameter on y', 403);
      };
      const unnamed: Rule = async () => {
        throw awsError('UnauthorizedOperation', 'You are not authorized to perform this operation.', 403);
      };
      const findings = await during('GetParameter', refuse, () =>
        during('DescribeAvailabilityZones', unnamed, () => lookAt({ name: 'Other' })),
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
    it('further regions of the gateway: their bootstrap and their certificates', async () => {
      const cidr = '10.41.0.0/16';
      const further = new Map([['us-west-2', world.aws]]);
      const { certificates } = world.given;
      const here = { region: 'us-west-2', network: { cidr, zones: ['us-west-2a', 'us-west-2b'] } };
      const parts = (certificate: string) => ({
        domain: { name: 'berth.example.com', certificates },
        gateway: { regions: [{ ...here, certificate: `arn:aws:acm:us-west-2:111122223333:${certificate}` }] },
      });
      const told = await world.ask(bootstrap, parts('certificate/x'), {}, { further });
      expect(told).toContainEqual(expect.stringMatching(/^ok: us-west-2 is bootstrapped/));
      expect(await world.ask(givenCertificates, parts('certificate/x'), {}, { further })).toContainEqual(
        expect.stringMatching(/^fail: The certificate in us-west-2 arn:aws:acm:us-west-2:.* does not exist/),
      );
    });

    it('bootstrap: missing, and too old', async () => {
      expect(await world.ask(bootstrap, { region: 'eu-west-3' })).toEqual([
        expect.stringContaining('ok: '),
        expect.stringContaining('ok: '),
      ]);
      const absent: Rule = async () => {
        throw awsError('ParameterNotFound');
      };
      expect(await during('GetParameter', absent, () => world.ask(bootstrap))).toEqual(
        fails(`${region} is not bootstrapped`, 'us-east-1 is not bootstrapped'),
      );
      const parameter = { Name: '/cdk-bootstrap/hnb659fds/version', Type: 'String', Overwrite: true } as const;
      await world.aws.ssm.send(new PutParameterCommand({ ...parameter, Value: '4' }));
      expect((await world.ask(bootstrap))[0]).toBe(
        `fail: The CDK bootstrap stack in ${region} has version 4; 8 is required.`,
      );
      await world.aws.ssm.send(new PutParameterCommand({ ...parameter, Value: '29' }));
    });

    it('hosted zone: missing, for another name, and not delegated in DNS', async () => {
      const named = (id: string, name: string) => ({ domain: { name: `berth.${name}`, hostedZone: { id, name } } });
      expect(await world.ask(hostedZone, named('Z0000000000000', 'example.com'))).toEqual(
        fails('The hosted zone Z0000000000000 does not exist'),
      );
      expect(await world.ask(hostedZone, named(zone, 'example.org'))).toEqual(
        fails('is for example.com, not for example.org'),
      );
      const elsewhere = { nameServers: async () => ['ns.registrar.example'] };
      expect((await world.ask(hostedZone, {}, {}, elsewhere))[1]).toMatch(
        /^fail: DNS delegates example.com to ns.registrar.example, not to this zone/,
      );
      const nowhere = {
        nameServers: async () => {
          throw Object.assign(new Error('queryNs ENOTFOUND'), { code: 'ENOTFOUND' });
        },
      };
      expect((await world.ask(hostedZone, {}, {}, nowhere))[1]).toMatch(
        /^fail: The zone example.com is not delegated in DNS/,
      );
    });

    it('certificates: missing, for other names, expired', async () => {
      const { regional, portal: ofPortal } = world.given.certificates;
      const domain = (change: object) => ({
        domain: { name: 'berth.example.com', certificates: { regional, portal: ofPortal, ...change } },
      });
      const gone = `${regional.slice(0, -4)}0000`;
      expect((await world.ask(givenCertificates, domain({ regional: gone })))[0]).toMatch(
        /The regional certificate arn:.* does not exist/,
      );
      const narrow = await makeCertificate(world.aws, ['api.berth.example.com', '*.berth.example.com']);
      expect((await world.ask(givenCertificates, domain({ regional: narrow })))[0]).toBe(
        'fail: The regional certificate is not valid for *.apps.berth.example.com.',
      );
      const later = { now: new Date(Date.now() + 1_500 * 86_400_000) };
      expect(await world.ask(givenCertificates, domain({}), {}, later)).toEqual(
        fails('regional certificate has expired', "portal's certificate has expired"),
      );
    });

    it('network: zones, VPC and subnets', async () => {
      const { a, b, tiny, isolated } = world.given.network;
      expect(await world.ask(network, { network: { new: { zones: [zones[0], `${region}z`] } } })).toEqual(
        fails(`The account cannot use ${region}z`),
      );
      expect(await world.ask(network, existing({ vpcId: 'vpc-00000000' }))).toEqual(
        fails('The VPC vpc-00000000 does not exist'),
      );
      expect(await world.ask(network, existing({ cidr: '10.99.0.0/16' }))).toContainEqual(
        expect.stringMatching(/^fail: The VPC .* has the range 10.60.0.0\/16, not 10.99.0.0\/16/),
      );
      const subnets = (...publicSubnets: string[]) => world.ask(network, existing({ publicSubnets }));
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

    it('quotas', async () => {
      const quota =
        (value: number): Rule =>
        async () => ({ Quota: { Value: value } });
      const told = await during('GetServiceQuota', quota(0), () =>
        world.ask(quotas, { network: { new: { zones, nat: 'gateway' } } }),
      );
      expect(told).toEqual(
        fails('Of 0 VPCs per region, \\d are in use; Berth needs 1', 'Of 0 Elastic IP addresses', 'Of 0 Fargate vCPUs'),
      );
      const newAccount: Rule = async () => ({
        AccountLimit: { ConcurrentExecutions: 10, UnreservedConcurrentExecutions: 10 },
      });
      expect(await during('GetAccountSettings', newAccount, () => world.ask(functionQuota))).toEqual([
        'fail: Of 10 concurrent executions of functions, 10 are not reserved; 442 are needed.',
      ]);
      const shards: Rule = async () => ({ ShardLimit: 3, OpenShardCount: 3 });
      expect(await during('DescribeLimits', shards, () => world.ask(shardQuota))).toEqual(fails('Of 3 Kinesis shards'));
      const spares = { running: 5 };
      const pools = { vmPools: [{ name: 'big', instanceTypes: ['m7g.4xlarge'], cap: 20, spares }] };
      expect(await during('GetServiceQuota', quota(64), () => world.ask(vmQuotas, pools))).toEqual([
        'fail: The account may run 64 vCPUs of standard instances; the pools need 80 for their spares, and 320 at their caps.',
      ]);
    });

    it('rates: the values of the account, over several pages, and the documented defaults where it lists none', async () => {
      const pools = { vmPools: [{ name: 'big', instanceTypes: ['m7g.large'], cap: 1_200 }] };
      const signIns = (value: number) =>
        `The account allows ${value} sign-ins through the identity provider (Cognito UserFederation) per second; 1200 starts in one morning need 2.`;
      const federation = { QuotaName: 'Rate of UserFederation requests', Value: 1 };
      const onTheSecondPage: Rule = async ({ NextToken }) =>
        NextToken === 'second' ? { Quotas: [federation] } : { Quotas: [{ QuotaName: 'Another' }], NextToken: 'second' };
      const told = await during('ListServiceQuotas', onTheSecondPage, () => world.ask(rates, pools));
      expect(told).toContainEqual(`warn: ${signIns(1)}`);
      const unlisted: Rule = async () => {
        throw awsError('NoSuchResourceException');
      };
      const usual = await during('ListServiceQuotas', unlisted, () => world.ask(rates, pools));
      expect(usual).toContainEqual(`ok: ${signIns(25)}`);
    });

    it('machines: image and types', async () => {
      const pool = (change: object) =>
        world.ask(machines, { vmPools: [{ name: 'general', instanceTypes: ['m7g.large'], cap: 5, ...change }] });
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

    it('encryption key: missing, disabled, and with a policy that does not allow CloudWatch Logs', async () => {
      const { key: KeyId, shutKey } = world.given;
      const id = KeyId.split('/').at(-1);
      const ask = (encryptionKeyArn: string) => world.ask(encryptionKey, { encryptionKey: encryptionKeyArn });
      expect(await ask(`${KeyId.slice(0, -4)}0000`)).toEqual(fails('The encryption key .* does not exist'));
      await world.aws.kms.send(new DisableKeyCommand({ KeyId: id }));
      expect(await ask(KeyId)).toEqual(fails('The encryption key is Disabled'));
      await world.aws.kms.send(new EnableKeyCommand({ KeyId: id }));
      expect(await ask(shutKey)).toEqual(fails('The encryption key’s policy does not allow CloudWatch Logs'));
    });

    it('identity provider: metadata, issuer and secret', async () => {
      const saml = (name: string) => ({
        signIn: { domainPrefix: 'b', saml: { name: 'Okta', metadataUrl: `https://idp.example.com/${name}` } },
      });
      Object.assign(world.pages, {
        'idp.example.com/login': { body: '<html><body>Sign in</body></html>' },
        'idp.example.com/broken': { body: '<md:EntityDescriptor' },
        'idp.example.com/closed': { status: 403 },
      });
      const noMetadata = 'is not the metadata of a SAML identity provider';
      expect(await world.ask(identityProvider, saml('login'))).toEqual(fails(noMetadata));
      expect(await world.ask(identityProvider, saml('broken'))).toEqual(fails(noMetadata));
      expect(await world.ask(identityProvider, saml('closed'))).toEqual(fails('closed returned status 403'));
      const nobody: typeof fetch = () => fetch('http://127.0.0.1:9/');
      expect(await world.ask(identityProvider, {}, {}, { fetch: nobody })).toEqual(fails('cannot be reached'));
      const { signIn } = broughtAlong();
      const other = { signIn: { ...signIn, oidc: { ...signIn.oidc, issuer: 'https://login.example.com/tenant' } } };
      Object.assign(world.pages, {
        'login.example.com/tenant/.well-known/openid-configuration': { body: '{"issuer":"https://login.example.com"}' },
      });
      expect(await world.ask(identityProvider, other)).toEqual(
        fails('names the issuer https://login.example.com instead of https://login.example.com/tenant'),
      );
      const lost = { signIn: { ...signIn, oidc: { ...signIn.oidc, clientSecret: `${world.given.secret}x` } } };
      expect(await world.ask(clientSecret, lost)).toEqual(fails('The client secret .* does not exist'));
    });

    it('cluster: as EKS describes it', async () => {
      const described =
        (change: object): Rule =>
        async (input, pass) => {
          const { cluster: found } = (await pass(input)) as { cluster: object };
          return { cluster: { ...found, ...change } };
        };
      const told = (change: object) => during('DescribeCluster', described(change), () => world.ask(cluster));
      expect(await told({ status: 'UPDATING' })).toEqual(fails('The cluster platform is UPDATING'));
      expect(await told({ accessConfig: { authenticationMode: 'CONFIG_MAP' } })).toEqual(
        fails('The cluster platform does not support access entries \\(authentication mode CONFIG_MAP\\)'),
      );
      expect(await told({ identity: { oidc: { issuer: 'https://other' } } })).toEqual(
        fails('The cluster platform has a different oidcIssuer: https://other'),
      );
      expect(await told({ resourcesVpcConfig: { endpointPublicAccess: false } })).toEqual(
        fails('The cluster platform can be reached only from its VPC'),
      );
      const absent: Rule = async () => {
        throw awsError('ResourceNotFoundException');
      };
      expect(await during('DescribeCluster', absent, () => world.ask(cluster))).toEqual(
        fails('The cluster platform does not exist'),
      );
    });

    it('cluster: its endpoint, from here, by its own authority', async () => {
      const { kubernetes } = world.settingsWith() as { kubernetes: { existing: Record<string, string> } };
      const ask = (change: object) =>
        world.ask(clusterEndpoint, { kubernetes: { existing: { ...kubernetes.existing, ...change } } });
      expect(await ask({ endpoint: 'https://127.0.0.1:9' })).toEqual(
        fails('cannot be reached at https://127.0.0.1:9: nothing listens'),
      );
      const { vmIdentityCertificates: [stranger] = [] } = world.context().settings;
      expect(await ask({ certificateAuthority: Buffer.from(stranger ?? '').toString('base64') })).toEqual(
        fails('is signed by an authority that this machine does not trust'),
      );
    });
  });

  describe('after a deployment', () => {
    /** The deployment without what has this type, or with that in other words. */
    const without = (type: string): Deployment => {
      const cut = (stack: DeployedStack | undefined) =>
        stack && { ...stack, resources: stack.resources.filter((resource) => resource.type !== type) };
      const { stateful, stateless, portal: portalStack } = world.deployment;
      return { stateful: cut(stateful), stateless: cut(stateless), portal: cut(portalStack) };
    };
    const physical = (type: string): string =>
      (Object.values(world.deployment) as DeployedStack[])
        .flatMap(({ resources }) => resources)
        .find((resource) => resource.type === type)?.physicalId ?? '';

    it('stacks: rolled back, missing, without an output', async () => {
      const rolledBack: Rule = async ({ StackName }, pass) => {
        if (StackName === 'BerthPortal') throw awsError('ValidationError', 'Stack with id BerthPortal does not exist');
        const output = (await pass()) as { Stacks: object[] };
        return { Stacks: [{ ...output.Stacks[0], StackStatus: 'ROLLBACK_COMPLETE', Outputs: [] }] };
      };
      const findings = await during('DescribeStacks', rolledBack, () =>
        during('ListStackResources', resourcesOf, () => lookAt({})),
      );
      expect(findings.filter(({ check }) => check === 'stacks').map(({ what }) => what)).toEqual([
        'The stack BerthKept is ROLLBACK_COMPLETE.',
        'The stack Berth is ROLLBACK_COMPLETE.',
        'The stack BerthPortal does not exist.',
        'The stack Berth has no output FailedChanges.',
      ]);
    });

    it('certificates that were made, and are about to expire', async () => {
      const days = 86_400_000;
      const soon = { now: new Date(Date.now() + 380 * days) };
      expect(await world.ask(madeCertificates, {}, world.deployment, soon)).toEqual([
        expect.stringMatching(
          /^(warn: The regional certificate expires in|fail: The regional certificate has expired)/,
        ),
        expect.stringMatching(/^(warn|fail): The portal's certificate/),
      ]);
    });

    const answered = async (page: string, answer: DoctorWorld['pages'][string], look: () => Promise<string[]>) => {
      const before = world.pages[page];
      world.pages[page] = answer;
      const told = await look();
      world.pages[page] = before ?? {};
      return told;
    };

    it('API: failing, something else, another version', async () => {
      const ask = (answer: DoctorWorld['pages'][string]) =>
        answered('api.berth.example.com/api/health', answer, () => world.ask(apiHealth, {}, world.deployment));
      expect((await ask({ status: 500 }))[0]).toBe(
        'fail: https://api.berth.example.com/api/health returned status 500.',
      );
      expect((await ask({ body: '<html>parked</html>' }))[0]).toContain('returned a response that is not Berth’s');
      expect((await ask({ body: '{"status":"ok","version":"0.0.1"}' }))[0]).toMatch(/^warn: .* runs Berth 0.0.1/);
    });

    it('portal: without its headers', async () => {
      const ask = () => world.ask(portal, {}, world.deployment);
      const headers = { 'content-security-policy': 'default-src *' };
      expect(await answered('berth.example.com/', { headers }, ask)).toEqual([
        'fail: https://berth.example.com/ does not return the expected content-security-policy, x-content-type-options, referrer-policy, strict-transport-security.',
      ]);
    });

    it('gateway: asleep where it may be, and missing where it may not', async () => {
      const ask = (sleepWhenIdle: boolean) =>
        answered('gateway.berth.example.com/healthz', { status: 503 }, () =>
          world.ask(gateway, { gateway: { sleepWhenIdle } }, world.deployment),
        );
      expect(await ask(true)).toEqual([expect.stringMatching(/^warn: No replica responds .*sleeps/)]);
      expect(await ask(false)).toEqual(['fail: https://gateway.berth.example.com/healthz returned status 503.']);
    });

    it('table: unprotected, without recovery, gone', async () => {
      const TableName = 'doctor';
      const recovery = (PointInTimeRecoveryEnabled: boolean) =>
        world.aws.dynamodb.send(
          new UpdateContinuousBackupsCommand({
            TableName,
            PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled },
          }),
        );
      const protection = (DeletionProtectionEnabled: boolean) =>
        world.aws.dynamodb.send(new UpdateTableCommand({ TableName, DeletionProtectionEnabled }));
      await Promise.all([recovery(false), protection(false)]);
      expect(await world.ask(table, {}, world.deployment)).toEqual([
        'fail: The table doctor cannot be restored to a point in time.',
        'fail: The table doctor is not protected from deletion.',
      ]);
      await Promise.all([recovery(true), protection(true)]);
      const bare: Rule = async (_, pass) => {
        const output = (await pass()) as { Table: object };
        return { Table: { ...output.Table, StreamSpecification: undefined, SSEDescription: undefined } };
      };
      expect(await during('DescribeTable', bare, () => world.ask(table, {}, world.deployment))).toEqual(
        fails('has no change stream', 'is not encrypted with the customer key'),
      );
      const gone: Rule = async () => {
        throw awsError('ResourceNotFoundException');
      };
      expect(await during('DescribeTable', gone, () => world.ask(table, {}, world.deployment))).toEqual(
        fails('The table doctor does not exist'),
      );
      expect(await world.ask(table, {}, without('AWS::DynamoDB::GlobalTable'))).toEqual(
        fails('The stateful stack has no table'),
      );
    });

    it('change stream: a consumer that is off, failing, or missing', async () => {
      const ask = (change: object) => {
        const rule: Rule = async ({ UUID }) => ({ UUID, State: 'Enabled', FunctionArn: 'arn:fn:Consumer', ...change });
        return during('GetEventSourceMapping', rule, () => world.ask(consumers, {}, world.deployment));
      };
      expect((await ask({ State: 'Disabled' }))[0]).toBe(
        'fail: The change stream does not reach Consumer: its mapping is Disabled.',
      );
      expect((await ask({ LastProcessingResult: 'PROBLEM: Function call failed' }))[0]).toContain(
        'PROBLEM: Function call failed',
      );
      expect(await world.ask(consumers, {}, without('AWS::Lambda::EventSourceMapping'))).toEqual(
        fails('The change stream has 0 consumers instead of 2'),
      );
    });

    it('audit: a bucket without lock, and no stream', async () => {
      const unlocked: Rule = async () => {
        throw awsError('ObjectLockConfigurationNotFoundError', 'Object Lock configuration does not exist', 404);
      };
      expect(
        (await during('GetObjectLockConfiguration', unlocked, () => world.ask(audit, {}, world.deployment)))[0],
      ).toBe('fail: The audit bucket doctor-audit has no Object Lock: audit events can be changed.');
      expect((await world.ask(audit, { audit: { retentionDays: 30 } }, world.deployment))[0]).toBe(
        'warn: The audit bucket doctor-audit locks objects for 365 days (GOVERNANCE); the settings say 30 (governance).',
      );
      const gone: Rule = async () => {
        throw awsError('ResourceNotFoundException');
      };
      expect((await during('DescribeStreamSummary', gone, () => world.ask(audit, {}, world.deployment)))[1]).toBe(
        'fail: The audit stream doctor-audit is missing: audit events are lost after 24 h.',
      );
    });

    it('failures: a message in a queue', async () => {
      const QueueUrl = physical('AWS::SQS::Queue');
      await world.aws.sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: '{}' }));
      expect(await world.ask(failureQueues, {}, world.deployment)).toEqual([
        'fail: Berth-StreamsFailures has 1 failed message.',
      ]);
      await world.aws.sqs.send(new PurgeQueueCommand({ QueueUrl }));
      expect(await world.ask(failureQueues, {}, without('AWS::SQS::Queue'))).toEqual(
        fails('The stack has no dead-letter queue'),
      );
    });

    it('agent key: scheduled for deletion, and missing', async () => {
      const SecretId = physical('AWS::SecretsManager::Secret');
      await world.aws.secretsmanager.send(new DeleteSecretCommand({ SecretId }));
      expect(await world.ask(agentKey, {}, world.deployment)).toEqual(fails('The agent key is scheduled for deletion'));
      await world.aws.secretsmanager.send(new RestoreSecretCommand({ SecretId }));
      expect(await world.ask(agentKey, {}, without('AWS::SecretsManager::Secret'))).toEqual(fails('has no agent key'));
    });

    it('cluster access: functions without an access entry', async () => {
      const strangers: Rule = async () => ({ accessEntries: [`arn:aws:iam::${account}:role/platform`] });
      expect(
        await during('ListAccessEntries', strangers, () => world.ask(clusterAccess, {}, world.deployment)),
      ).toEqual(fails('Only 0 of 1 functions that manage pods have access to the cluster platform'));
    });
  });
});
