import { UpdateContinuousBackupsCommand, UpdateTableCommand } from '@aws-sdk/client-dynamodb';
import { DeleteSecretCommand, RestoreSecretCommand } from '@aws-sdk/client-secrets-manager';
import { PurgeQueueCommand, SendMessageCommand } from '@aws-sdk/client-sqs';
import { describe, expect, it } from 'vitest';
import { clusterAccess } from '../../../infra/doctor/compute/cluster.ts';
import type { DeployedStack, Deployment } from '../../../infra/doctor/context/deployment.ts';
import { agentKey } from '../../../infra/doctor/deployed/agent-key.ts';
import { audit } from '../../../infra/doctor/deployed/audit.ts';
import { consumers } from '../../../infra/doctor/deployed/consumers.ts';
import { failureQueues } from '../../../infra/doctor/deployed/failure-queues.ts';
import { table } from '../../../infra/doctor/deployed/table.ts';
import { madeCertificates } from '../../../infra/doctor/network/certificates.ts';
import { apiHealth, gateway, portal } from '../../../infra/doctor/network/endpoints.ts';
import { awsError, type Rule } from '../doubles/request-rules.ts';
import { account, type DoctorFixture } from './fixture.ts';

import type { DoctorSuite } from './suite.ts';

export const describeAfterDeployment = (suite: DoctorSuite) =>
  describe('after a deployment', () => {
    const { during, fails, examineSettings, resourcesOf } = suite;
    /** The deployment without its resources of a type. */
    const without = (type: string): Deployment => {
      const cut = (stack: DeployedStack | undefined) =>
        stack && { ...stack, resources: stack.resources.filter((resource) => resource.type !== type) };
      const { stateful, stateless, portal: portalStack } = suite.fixture.deployment;
      return { stateful: cut(stateful), stateless: cut(stateless), portal: cut(portalStack) };
    };
    const physical = (type: string): string =>
      [suite.fixture.deployment.stateful, suite.fixture.deployment.stateless]
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
          examineSettings({}, { further: new Map([['us-west-2', suite.fixture.aws]]) }),
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
      expect(await suite.fixture.findings(madeCertificates, {}, suite.fixture.deployment, soon)).toEqual([
        expect.stringMatching(
          /^(warn: The regional certificate expires in|fail: The regional certificate has expired)/,
        ),
        expect.stringMatching(/^(warn|fail): The portal's certificate/),
      ]);
    });

    it('reports certificates of the stacks in further regions that expire soon', async () => {
      const { regional } = suite.fixture.prerequisites.certificates;
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
      const further = new Map([['us-west-2', suite.fixture.aws]]);
      const deployment = { ...suite.fixture.deployment, gateways: new Map([['us-west-2', stack]]) };
      const now = new Date(Date.now() + 380 * 86_400_000);
      expect(await suite.fixture.findings(madeCertificates, {}, deployment, { further, now })).toContainEqual(
        expect.stringMatching(/^(warn|fail): The certificate in us-west-2 /),
      );
    });

    const withPage = async (page: string, response: DoctorFixture['pages'][string], look: () => Promise<string[]>) => {
      const before = suite.fixture.pages[page];
      suite.fixture.pages[page] = response;
      const findings = await look();
      suite.fixture.pages[page] = before ?? {};
      return findings;
    };

    it('reports an API that fails, is not Berth’s or has another version', async () => {
      const check = (response: DoctorFixture['pages'][string]) =>
        withPage('api.berth.example.com/api/health', response, () =>
          suite.fixture.findings(apiHealth, {}, suite.fixture.deployment),
        );
      expect((await check({ status: 500 }))[0]).toBe(
        'fail: https://api.berth.example.com/api/health returned status 500.',
      );
      expect((await check({ body: '<html>parked</html>' }))[0]).toContain('did not return a response of Berth');
      expect((await check({ body: '{"status":"ok","version":"0.0.1"}' }))[0]).toMatch(/^warn: .* runs Berth 0.0.1/);
    });

    it('reports a portal without its security headers', async () => {
      const check = () => suite.fixture.findings(portal, {}, suite.fixture.deployment);
      const headers = { 'content-security-policy': 'default-src *' };
      expect(await withPage('berth.example.com/', { headers }, check)).toEqual([
        'fail: https://berth.example.com/ does not return the expected content-security-policy, x-content-type-options, referrer-policy, strict-transport-security.',
      ]);
    });

    it('warns about a gateway without replicas if it may sleep, and reports a failure if not', async () => {
      const check = (sleepWhenIdle: boolean) =>
        withPage('gateway.berth.example.com/healthz', { status: 503 }, () =>
          suite.fixture.findings(gateway, { gateway: { sleepWhenIdle } }, suite.fixture.deployment),
        );
      expect(await check(true)).toEqual([expect.stringMatching(/^warn: No replica responds .*sleeps/)]);
      expect(await check(false)).toEqual(['fail: https://gateway.berth.example.com/healthz returned status 503.']);
    });

    it('reports a table that is unprotected, without recovery or missing', async () => {
      const TableName = 'doctor';
      const recovery = (PointInTimeRecoveryEnabled: boolean) =>
        suite.fixture.aws.dynamodb.send(
          new UpdateContinuousBackupsCommand({
            TableName,
            PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled },
          }),
        );
      const protection = (DeletionProtectionEnabled: boolean) =>
        suite.fixture.aws.dynamodb.send(new UpdateTableCommand({ TableName, DeletionProtectionEnabled }));
      await Promise.all([recovery(false), protection(false)]);
      expect(await suite.fixture.findings(table, {}, suite.fixture.deployment)).toEqual([
        'fail: The table doctor cannot be restored to a point in time.',
        'fail: The table doctor is not protected from deletion.',
      ]);
      await Promise.all([recovery(true), protection(true)]);
      const bare: Rule = async (_, pass) => {
        const output = (await pass()) as { Table: object };
        return { Table: { ...output.Table, StreamSpecification: undefined, SSEDescription: undefined } };
      };
      expect(
        await during('DescribeTable', bare, () => suite.fixture.findings(table, {}, suite.fixture.deployment)),
      ).toEqual(fails('has no change stream', 'is not encrypted with the customer key'));
      const gone: Rule = async () => {
        throw awsError('ResourceNotFoundException');
      };
      expect(
        await during('DescribeTable', gone, () => suite.fixture.findings(table, {}, suite.fixture.deployment)),
      ).toEqual(fails('The table doctor does not exist'));
      expect(await suite.fixture.findings(table, {}, without('AWS::DynamoDB::GlobalTable'))).toEqual(
        fails('The stateful stack has no table'),
      );
    });

    it('reports a consumer of the change stream that is disabled, failing or missing', async () => {
      const check = (change: object) => {
        const rule: Rule = async ({ UUID }) => ({ UUID, State: 'Enabled', FunctionArn: 'arn:fn:Consumer', ...change });
        return during('GetEventSourceMapping', rule, () =>
          suite.fixture.findings(consumers, {}, suite.fixture.deployment),
        );
      };
      expect((await check({ State: 'Disabled' }))[0]).toBe(
        'fail: The change stream does not reach Consumer: its mapping is Disabled.',
      );
      expect((await check({ LastProcessingResult: 'PROBLEM: Function call failed' }))[0]).toContain(
        'PROBLEM: Function call failed',
      );
      expect(await suite.fixture.findings(consumers, {}, without('AWS::Lambda::EventSourceMapping'))).toEqual(
        fails('The change stream has 0 consumers instead of 2'),
      );
    });

    it('reports an audit bucket without Object Lock and a missing audit stream', async () => {
      const unlocked: Rule = async () => {
        throw awsError('ObjectLockConfigurationNotFoundError', 'Object Lock configuration does not exist', 404);
      };
      expect(
        (
          await during('GetObjectLockConfiguration', unlocked, () =>
            suite.fixture.findings(audit, {}, suite.fixture.deployment),
          )
        )[0],
      ).toBe('fail: The audit bucket doctor-audit has no Object Lock: audit events can be changed.');
      expect((await suite.fixture.findings(audit, { audit: { retentionDays: 30 } }, suite.fixture.deployment))[0]).toBe(
        'warn: The audit bucket doctor-audit locks objects for 365 days (GOVERNANCE); the settings say 30 (governance).',
      );
      const gone: Rule = async () => {
        throw awsError('ResourceNotFoundException');
      };
      expect(
        (
          await during('DescribeStreamSummary', gone, () => suite.fixture.findings(audit, {}, suite.fixture.deployment))
        )[1],
      ).toBe('fail: The audit stream doctor-audit is missing: audit events are lost after 24 h.');
    });

    it('reports a message in a dead-letter queue', async () => {
      const QueueUrl = physical('AWS::SQS::Queue');
      await suite.fixture.aws.sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: '{}' }));
      expect(await suite.fixture.findings(failureQueues, {}, suite.fixture.deployment)).toEqual([
        'fail: Berth-StreamsFailures has 1 failed message.',
      ]);
      await suite.fixture.aws.sqs.send(new PurgeQueueCommand({ QueueUrl }));
      expect(await suite.fixture.findings(failureQueues, {}, without('AWS::SQS::Queue'))).toEqual(
        fails('The stack has no dead-letter queue'),
      );
    });

    it('reports an agent key that is scheduled for deletion or missing', async () => {
      const SecretId = physical('AWS::SecretsManager::Secret');
      await suite.fixture.aws.secretsmanager.send(new DeleteSecretCommand({ SecretId }));
      expect(await suite.fixture.findings(agentKey, {}, suite.fixture.deployment)).toEqual(
        fails('The agent key is scheduled for deletion'),
      );
      await suite.fixture.aws.secretsmanager.send(new RestoreSecretCommand({ SecretId }));
      expect(await suite.fixture.findings(agentKey, {}, without('AWS::SecretsManager::Secret'))).toEqual(
        fails('has no agent key'),
      );
    });

    it('reports functions without an access entry of the cluster', async () => {
      const strangers: Rule = async () => ({ accessEntries: [`arn:aws:iam::${account}:role/platform`] });
      expect(
        await during('ListAccessEntries', strangers, () =>
          suite.fixture.findings(clusterAccess, {}, suite.fixture.deployment),
        ),
      ).toEqual(fails('Only 0 of 1 functions that manage pods have access to the cluster platform'));
    });
  });
