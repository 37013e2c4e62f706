import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { dynamoTable } from '../../adapters/table/dynamodb/table.ts';
import type { EntryName } from '../../bundles/entries.ts';
import { starters } from '../../cli/commands/templates/starters.ts';
import { chainStart } from '../../core/audit/audit-events.ts';
import { personItem } from '../../core/people/person-record.ts';
import { createToken } from '../../core/people/tokens.ts';
import { publishTemplate } from '../../core/templates/publishing/publish.ts';
import { plainTemplate } from '../support/berth.ts';
import { type DynamoLocal, dynamoAvailable, startDynamoLocal } from '../table/dynamodb-local.ts';
import { berthEnvironment } from './environment.ts';
import { apiEvent } from './events.ts';
import { awsEnvironment, givenFunction } from './lambda.ts';

const now = new Date();

/** Public routes need nothing but settings. */
describe('api-system', () => {
  const { BERTH_ISSUER, BERTH_CLIENT_ID, BERTH_APP_DOMAIN } = berthEnvironment;
  const given = () => givenFunction('api-system', { BERTH_ISSUER, BERTH_CLIENT_ID, BERTH_APP_DOMAIN });

  test('returns the sign-in settings', async () => {
    const { statusCode, body } = await (await given())<APIGatewayProxyStructuredResultV2>(
      apiEvent('GET', '/api/config'),
    );
    expect(statusCode).toBe(200);
    expect(JSON.parse(body ?? '')).toMatchObject({ issuer: BERTH_ISSUER, clientId: BERTH_CLIENT_ID });
  });

  test.each([
    ['GET', '/api/nothing', 404, undefined],
    ['POST', '/api/health', 405, 'GET'],
    ['GET', '/api/workspaces', 404, undefined],
  ])('%s %s returns %i', async (method, path, status, allow) => {
    const response = await (await given())<APIGatewayProxyStructuredResultV2>(apiEvent(method, path));
    expect(response.statusCode).toBe(status);
    expect(response.headers?.['allow']).toBe(allow);
    expect(response.headers?.['content-type']).toBe('application/problem+json');
  });
});

describe.runIf(dynamoAvailable('the API’s functions against DynamoDB Local'))('the API’s functions', () => {
  let dynamo: DynamoLocal;
  let token: string;
  let publisher: string;
  let env: Record<string, string>;

  beforeAll(async () => {
    dynamo = await startDynamoLocal();
    await dynamo.createTable('berth');
    const rules = {
      table: dynamoTable(dynamo.client, 'berth'),
      clock: () => now,
      log: () => undefined,
      roleGroups: {},
    };
    const fields = {
      groups: [],
      roles: ['member' as const],
      active: true,
      toldAt: now.toISOString(),
      audit: chainStart,
    };
    const ada = { id: 'p-ada', name: 'ada', displayName: 'Ada', ...fields };
    await rules.table.write([{ put: personItem(ada) }]);
    await publishTemplate(rules, 'system', { yaml: plainTemplate, source: 'plain' });
    const grace = { ...ada, id: 'p-grace', name: 'grace', roles: ['member' as const, 'template-admin' as const] };
    await rules.table.write([{ put: personItem(grace) }]);
    publisher = (await createToken(rules, grace, { name: 'test', days: 1 })).secret;
    token = (await createToken(rules, ada, { name: 'test', days: 1 })).secret;
    // DynamoDB Local keeps tables apart by region and key.
    const account = { AWS_REGION: 'local', AWS_ACCESS_KEY_ID: 'local', AWS_SECRET_ACCESS_KEY: 'local' };
    env = { ...awsEnvironment(dynamo.endpoint), ...berthEnvironment, ...account };
  });
  afterAll(() => dynamo.stop());

  const send = async (name: EntryName, event: ReturnType<typeof apiEvent>) => {
    const invoke = await givenFunction(name, env);
    const { statusCode, body } = await invoke<APIGatewayProxyStructuredResultV2>(event);
    return { status: statusCode, body: JSON.parse(body ?? 'null') };
  };

  test('identify a person by an API token', async () => {
    expect(await send('api-people', apiEvent('GET', '/api/me', { token }))).toMatchObject({
      status: 200,
      body: { id: 'p-ada', name: 'ada' },
    });
    expect(await send('api-people', apiEvent('GET', '/api/me'))).toMatchObject({ status: 401 });
  });

  test('list templates', async () => {
    const { body } = await send('api-templates', apiEvent('GET', '/api/templates', { token }));
    expect(body.items).toMatchObject([{ name: 'plain' }]);
  });

  test.each(['kubernetes', 'vm'])('validate the starter %s against the installed kinds', async (from) => {
    const body = { file: starters[from]?.file('mine') ?? '', readme: 'How to' };
    const lint = (file: string) =>
      apiEvent('POST', '/api/templates/mine/lint', { token: publisher, body: { ...body, file } });
    expect(await send('api-template-files', lint(body.file))).toEqual({
      status: 200,
      body: { ok: true, problems: [] },
    });
    const wrong = body.file.replace('pool: standard', 'pool: golden').replace('containers:', 'containrs:');
    const { ok, problems } = (await send('api-template-files', lint(wrong))).body;
    expect(ok).toBe(false);
    expect(problems[0].field).toMatch(/^compute\.spec\.(pool|pod\.spec\.)/);
    const preview = apiEvent('POST', '/api/templates/mine/preview', { token: publisher, body: { file: body.file } });
    expect((await send('api-template-files', preview)).body.resources).toContainEqual(
      expect.objectContaining({ kept: true }),
    );
  });

  test('create a workspace with a pending build for the change stream', async () => {
    const wanted = { name: 'demo', template: 'plain' };
    const created = await send('api-workspaces', apiEvent('POST', '/api/workspaces', { token, body: wanted }));
    expect(created).toMatchObject({ status: 201, body: { name: 'demo', status: 'pending' } });
    const build = { pk: `workspace#${created.body.id}`, sk: 'build#000001' };
    expect(await dynamoTable(dynamo.client, 'berth').get(build)).toMatchObject({ status: 'pending' });
    const path = `/api/workspaces/${created.body.id}`;
    expect((await send('api-workspaces', apiEvent('GET', path, { token }))).body.id).toBe(created.body.id);
    expect(await send('api-workspaces', apiEvent('POST', path, { token }))).toMatchObject({ status: 405 });
    expect(await send('api-workspaces', apiEvent('GET', '/api/templates', { token }))).toMatchObject({ status: 404 });
  });
});
