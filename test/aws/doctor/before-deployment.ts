import { DisableKeyCommand, EnableKeyCommand } from '@aws-sdk/client-kms';
import { PutParameterCommand } from '@aws-sdk/client-ssm';
import { describe, expect, it } from 'vitest';
import { cluster } from '../../../infra/doctor/compute/cluster.ts';
import { clusterEndpoint } from '../../../infra/doctor/compute/cluster-endpoint.ts';
import { machines } from '../../../infra/doctor/compute/vm-pools.ts';
import { givenCertificates } from '../../../infra/doctor/network/certificates.ts';
import { hostedZone } from '../../../infra/doctor/network/hosted-zone.ts';
import { network } from '../../../infra/doctor/network/vpc.ts';
import { bootstrap } from '../../../infra/doctor/prerequisites/bootstrap.ts';
import { encryptionKey } from '../../../infra/doctor/prerequisites/encryption-key.ts';
import { clientSecret, identityProvider } from '../../../infra/doctor/prerequisites/identity-provider.ts';
import { functionQuota, quotas, shardQuota } from '../../../infra/doctor/prerequisites/quotas.ts';
import { rates } from '../../../infra/doctor/prerequisites/request-rates.ts';
import { vmQuotas } from '../../../infra/doctor/prerequisites/vm-quotas.ts';
import { awsError, type Rule } from '../doubles/request-rules.ts';
import { createCertificate, region, zone, zones } from './fixture.ts';

import type { DoctorSuite } from './suite.ts';

export const describeBeforeDeployment = (suite: DoctorSuite) =>
  describe('before a deployment', () => {
    const { during, fails, existingResources, existing } = suite;
    it('checks bootstrap and certificates of the gateway’s further regions', async () => {
      const cidr = '10.41.0.0/16';
      const further = new Map([['us-west-2', suite.fixture.aws]]);
      const { certificates } = suite.fixture.prerequisites;
      const here = { region: 'us-west-2', network: { cidr, zones: ['us-west-2a', 'us-west-2b'] } };
      const parts = (certificate: string) => ({
        domain: { name: 'berth.example.com', certificates },
        gateway: { regions: [{ ...here, certificate: `arn:aws:acm:us-west-2:111122223333:${certificate}` }] },
      });
      const findings = await suite.fixture.findings(bootstrap, parts('certificate/x'), {}, { further });
      expect(findings).toContainEqual(expect.stringMatching(/^ok: us-west-2 is bootstrapped/));
      expect(await suite.fixture.findings(givenCertificates, parts('certificate/x'), {}, { further })).toContainEqual(
        expect.stringMatching(/^fail: The certificate in us-west-2 arn:aws:acm:us-west-2:.* does not exist/),
      );
    });

    it('reports a missing bootstrap stack and one that is too old', async () => {
      expect(await suite.fixture.findings(bootstrap, { region: 'eu-west-3' })).toEqual([
        expect.stringContaining('ok: '),
        expect.stringContaining('ok: '),
      ]);
      const absent: Rule = async () => {
        throw awsError('ParameterNotFound');
      };
      expect(await during('GetParameter', absent, () => suite.fixture.findings(bootstrap))).toEqual(
        fails(`${region} is not bootstrapped`, 'us-east-1 is not bootstrapped'),
      );
      const parameter = { Name: '/cdk-bootstrap/hnb659fds/version', Type: 'String', Overwrite: true } as const;
      await suite.fixture.aws.ssm.send(new PutParameterCommand({ ...parameter, Value: '4' }));
      expect((await suite.fixture.findings(bootstrap))[0]).toBe(
        `fail: The CDK bootstrap stack in ${region} has version 4; 8 is required.`,
      );
      await suite.fixture.aws.ssm.send(new PutParameterCommand({ ...parameter, Value: '29' }));
    });

    it('reports a hosted zone that is missing, has another name or is not delegated in DNS', async () => {
      const named = (id: string, name: string) => ({ domain: { name: `berth.${name}`, hostedZone: { id, name } } });
      expect(await suite.fixture.findings(hostedZone, named('Z0000000000000', 'example.com'))).toEqual(
        fails('The hosted zone Z0000000000000 does not exist'),
      );
      expect(await suite.fixture.findings(hostedZone, named(zone, 'example.org'))).toEqual(
        fails('is for example.com, not for example.org'),
      );
      const elsewhere = { nameServers: async () => ['ns.registrar.example'] };
      expect((await suite.fixture.findings(hostedZone, {}, {}, elsewhere))[1]).toMatch(
        /^fail: DNS delegates example.com to ns.registrar.example, not to this zone/,
      );
      const nowhere = {
        nameServers: async () => {
          throw Object.assign(new Error('queryNs ENOTFOUND'), { code: 'ENOTFOUND' });
        },
      };
      expect((await suite.fixture.findings(hostedZone, {}, {}, nowhere))[1]).toMatch(
        /^fail: The zone example.com is not delegated in DNS/,
      );
    });

    it('reports certificates that are missing, expired or for other names', async () => {
      const { regional, portal: ofPortal } = suite.fixture.prerequisites.certificates;
      const domain = (change: object) => ({
        domain: { name: 'berth.example.com', certificates: { regional, portal: ofPortal, ...change } },
      });
      const gone = `${regional.slice(0, -4)}0000`;
      expect((await suite.fixture.findings(givenCertificates, domain({ regional: gone })))[0]).toMatch(
        /The regional certificate arn:.* does not exist/,
      );
      const narrow = await createCertificate(suite.fixture.aws, ['api.berth.example.com', '*.berth.example.com']);
      expect((await suite.fixture.findings(givenCertificates, domain({ regional: narrow })))[0]).toBe(
        'fail: The regional certificate is not valid for *.apps.berth.example.com.',
      );
      const later = { now: new Date(Date.now() + 1_500 * 86_400_000) };
      expect(await suite.fixture.findings(givenCertificates, domain({}), {}, later)).toEqual(
        fails('regional certificate has expired', "portal's certificate has expired"),
      );
    });

    it('reports problems of zones, VPC and subnets', async () => {
      const { a, b, tiny, isolated } = suite.fixture.prerequisites.network;
      expect(await suite.fixture.findings(network, { network: { new: { zones: [zones[0], `${region}z`] } } })).toEqual(
        fails(`The account cannot use ${region}z`),
      );
      expect(await suite.fixture.findings(network, existing({ vpcId: 'vpc-00000000' }))).toEqual(
        fails('The VPC vpc-00000000 does not exist'),
      );
      expect(await suite.fixture.findings(network, existing({ cidr: '10.99.0.0/16' }))).toContainEqual(
        expect.stringMatching(/^fail: The VPC .* has the range 10.60.0.0\/16, not 10.99.0.0\/16/),
      );
      const subnets = (...publicSubnets: string[]) => suite.fixture.findings(network, existing({ publicSubnets }));
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
        suite.fixture.findings(quotas, { network: { new: { zones, nat: 'gateway' } } }),
      );
      expect(findings).toEqual(
        fails('Of 0 VPCs per region, \\d are in use; Berth needs 1', 'Of 0 Elastic IP addresses', 'Of 0 Fargate vCPUs'),
      );
      const newAccount: Rule = async () => ({
        AccountLimit: { ConcurrentExecutions: 10, UnreservedConcurrentExecutions: 10 },
      });
      expect(await during('GetAccountSettings', newAccount, () => suite.fixture.findings(functionQuota))).toEqual([
        'fail: Of 10 concurrent executions of functions, 10 are not reserved; 442 are needed.',
      ]);
      const shards: Rule = async () => ({ ShardLimit: 3, OpenShardCount: 3 });
      expect(await during('DescribeLimits', shards, () => suite.fixture.findings(shardQuota))).toEqual(
        fails('Of 3 Kinesis shards'),
      );
      const spares = { running: 5 };
      const pools = { vmPools: [{ name: 'big', instanceTypes: ['m7g.4xlarge'], cap: 20, spares }] };
      expect(await during('GetServiceQuota', quota(64), () => suite.fixture.findings(vmQuotas, pools))).toEqual([
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
      const findings = await during('ListServiceQuotas', onTheSecondPage, () => suite.fixture.findings(rates, pools));
      expect(findings).toContainEqual(`warn: ${signIns(1)}`);
      const unlisted: Rule = async () => {
        throw awsError('NoSuchResourceException');
      };
      const usual = await during('ListServiceQuotas', unlisted, () => suite.fixture.findings(rates, pools));
      expect(usual).toContainEqual(`ok: ${signIns(25)}`);
    });

    it('reports images and instance types that a pool cannot use', async () => {
      const pool = (change: object) =>
        suite.fixture.findings(machines, {
          vmPools: [{ name: 'general', instanceTypes: ['m7g.large'], cap: 5, ...change }],
        });
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
      const { key: KeyId, keyWithoutLogs } = suite.fixture.prerequisites;
      const id = KeyId.split('/').at(-1);
      const check = (encryptionKeyArn: string) =>
        suite.fixture.findings(encryptionKey, { encryptionKey: encryptionKeyArn });
      expect(await check(`${KeyId.slice(0, -4)}0000`)).toEqual(fails('The encryption key .* does not exist'));
      await suite.fixture.aws.kms.send(new DisableKeyCommand({ KeyId: id }));
      expect(await check(KeyId)).toEqual(fails('The encryption key is Disabled'));
      await suite.fixture.aws.kms.send(new EnableKeyCommand({ KeyId: id }));
      expect(await check(keyWithoutLogs)).toEqual(fails('The encryption key’s policy does not allow CloudWatch Logs'));
    });

    it('reports problems of the identity provider’s metadata, issuer and secret', async () => {
      const saml = (name: string) => ({
        signIn: { domainPrefix: 'b', saml: { name: 'Okta', metadataUrl: `https://idp.example.com/${name}` } },
      });
      Object.assign(suite.fixture.pages, {
        'idp.example.com/login': { body: '<html><body>Sign in</body></html>' },
        'idp.example.com/broken': { body: '<md:EntityDescriptor' },
        'idp.example.com/closed': { status: 403 },
      });
      const noMetadata = 'is not the metadata of a SAML identity provider';
      expect(await suite.fixture.findings(identityProvider, saml('login'))).toEqual(fails(noMetadata));
      expect(await suite.fixture.findings(identityProvider, saml('broken'))).toEqual(fails(noMetadata));
      expect(await suite.fixture.findings(identityProvider, saml('closed'))).toEqual(
        fails('closed returned status 403'),
      );
      const unreachable: typeof fetch = () => fetch('http://127.0.0.1:9/');
      expect(await suite.fixture.findings(identityProvider, {}, {}, { fetch: unreachable })).toEqual(
        fails('cannot be reached'),
      );
      const { signIn } = existingResources();
      const other = { signIn: { ...signIn, oidc: { ...signIn.oidc, issuer: 'https://login.example.com/tenant' } } };
      Object.assign(suite.fixture.pages, {
        'login.example.com/tenant/.well-known/openid-configuration': { body: '{"issuer":"https://login.example.com"}' },
      });
      expect(await suite.fixture.findings(identityProvider, other)).toEqual(
        fails('names the issuer https://login.example.com instead of https://login.example.com/tenant'),
      );
      const lost = {
        signIn: { ...signIn, oidc: { ...signIn.oidc, clientSecret: `${suite.fixture.prerequisites.secret}x` } },
      };
      expect(await suite.fixture.findings(clientSecret, lost)).toEqual(fails('The client secret .* does not exist'));
    });

    it('reports problems of the cluster as EKS describes it', async () => {
      const described =
        (change: object): Rule =>
        async (input, pass) => {
          const { cluster: found } = (await pass(input)) as { cluster: object };
          return { cluster: { ...found, ...change } };
        };
      const findings = (change: object) =>
        during('DescribeCluster', described(change), () => suite.fixture.findings(cluster));
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
      expect(await during('DescribeCluster', absent, () => suite.fixture.findings(cluster))).toEqual(
        fails('The cluster platform does not exist'),
      );
    });

    it('reports a cluster endpoint that cannot be reached or has another certificate authority', async () => {
      const { kubernetes } = suite.fixture.settingsWith() as { kubernetes: { existing: Record<string, string> } };
      const check = (change: object) =>
        suite.fixture.findings(clusterEndpoint, { kubernetes: { existing: { ...kubernetes.existing, ...change } } });
      expect(await check({ endpoint: 'https://127.0.0.1:9' })).toEqual(
        fails('cannot be reached at https://127.0.0.1:9: nothing listens'),
      );
      const { vmIdentityCertificates: [stranger] = [] } = suite.fixture.context().settings;
      expect(await check({ certificateAuthority: Buffer.from(stranger ?? '').toString('base64') })).toEqual(
        fails('is signed by an authority that this machine does not trust'),
      );
    });
  });
