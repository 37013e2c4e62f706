import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { credentials } from '../../../infra/doctor/prerequisites/credentials.ts';
import { awsError, type Rule } from '../doubles/request-rules.ts';
import { describeAfterDeployment } from './after-deployment.ts';
import { describeBeforeDeployment } from './before-deployment.ts';
import { account, region, zones } from './fixture.ts';
import { doctorSuite } from './suite.ts';

const endpoint = inject('moto') ?? '';

describe.runIf(endpoint)('with moto', () => {
  const suite = doctorSuite();
  const { during, fails, examineSettings, resourcesOf, existingResources } = suite;
  beforeAll(() => suite.open(endpoint));
  afterAll(() => suite.stop());

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
      expect(suite.fixture.rules.seen.map(({ operation }) => operation)).toContain('DescribeSecret');
      expect(suite.fixture.rules.count('GetSecretValue')).toBe(0);
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
      expect(await during('GetCallerIdentity', expired, () => suite.fixture.findings(credentials))).toEqual(
        fails('AWS rejected the credentials \\(ExpiredTokenException\\)'),
      );
    });

    it('warns about another region in the environment', async () => {
      const findings = await suite.fixture.findings(credentials, {}, {}, { environmentRegion: 'us-west-2' });
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
          what: 'The check failed: you do not have the permission ssm:GetParameter.',
          todo: 'Ask your administrator for ssm:GetParameter.',
        },
        expect.objectContaining({
          check: 'network',
          todo: 'Ask your administrator for ec2:DescribeAvailabilityZones.',
        }),
      ]);
      expect(findings.map(({ check }) => check)).toContain('cluster');
    });
  });

  describeBeforeDeployment(suite);
  describeAfterDeployment(suite);
});
