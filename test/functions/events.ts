import type {
  APIGatewayProxyEventV2,
  Context,
  DynamoDBStreamEvent,
  PreTokenGenerationV2TriggerEvent,
} from 'aws-lambda';

/** Events as AWS sends them to functions, with invented names and numbers. */

/** An event of an HTTP API, payload format 2.0. */
export const apiEvent = (
  method: string,
  path: string,
  { body, token }: { body?: unknown; token?: string } = {},
): APIGatewayProxyEventV2 => ({
  version: '2.0',
  routeKey: 'ANY /api/{area}/{proxy+}',
  rawPath: path,
  rawQueryString: '',
  headers: {
    accept: 'application/json',
    'content-type': 'application/json',
    host: 'api.berth.example.com',
    'user-agent': 'berth/0.1.0',
    'x-amzn-trace-id': 'Root=1-65a1f6ce-2f1d8b1a4c0c3b7d5e9f0a1b',
    'x-forwarded-for': '203.0.113.7',
    'x-forwarded-port': '443',
    'x-forwarded-proto': 'https',
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
  },
  requestContext: {
    accountId: '111122223333',
    apiId: 'a1b2c3d4e5',
    domainName: 'api.berth.example.com',
    domainPrefix: 'api',
    http: { method, path, protocol: 'HTTP/1.1', sourceIp: '203.0.113.7', userAgent: 'berth/0.1.0' },
    requestId: 'XYZabcDEFghij=',
    routeKey: 'ANY /api/{area}/{proxy+}',
    stage: '$default',
    time: '12/Jan/2026:09:15:30 +0000',
    timeEpoch: 1_768_209_330_000,
  },
  ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  isBase64Encoded: false,
});

const workspaceId = 'ws-01kersm4a8n2v6c0q3x7z9t5fw';
export const buildId = `${workspaceId}-1`;

/** The image of a new build in the change stream. */
const buildImage = {
  pk: { S: `workspace#${workspaceId}` },
  sk: { S: 'build#000001' },
  id: { S: buildId },
  workspaceId: { S: workspaceId },
  number: { N: '1' },
  transition: { S: 'start' },
  reason: { S: 'person' },
  status: { S: 'pending' },
  template: { M: { name: { S: 'quickstart' }, version: { N: '1' } } },
  ephemeral: { M: {} },
  parameters: { M: {} },
  createdAt: { S: '2026-01-12T09:15:30.000Z' },
  cancel: { BOOL: false },
  lastEvent: { N: '0' },
  usual: { M: {} },
  revision: { N: '1' },
};

const auditImage = {
  pk: { S: `audit#${workspaceId}` },
  sk: { S: '0000000001' },
  event: {
    M: {
      id: { S: `${workspaceId}#1` },
      subject: { S: workspaceId },
      seq: { N: '1' },
      at: { S: '2026-01-12T09:15:30.000Z' },
      action: { S: 'workspace.create' },
      actor: { S: 'p-0123456789abcdef01234567' },
      outcome: { S: 'success' },
      details: { M: { name: { S: 'demo' } } },
      previous: { S: '' },
      hash: { S: '6f1f1c' },
    },
  },
};

const streamRecord = (sequence: string, image: typeof buildImage | typeof auditImage) => ({
  eventID: 'c4ca4238a0b923820dcc509a6f75849b',
  eventName: 'INSERT' as const,
  eventVersion: '1.1',
  eventSource: 'aws:dynamodb',
  awsRegion: 'eu-central-1',
  dynamodb: {
    ApproximateCreationDateTime: 1_768_209_330,
    Keys: { pk: image.pk, sk: image.sk },
    NewImage: image,
    SequenceNumber: sequence,
    SizeBytes: 412,
    StreamViewType: 'NEW_AND_OLD_IMAGES' as const,
  },
  eventSourceARN: 'arn:aws:dynamodb:eu-central-1:111122223333:table/Berth-Kept-Table/stream/2026-01-01T00:00:00.000',
});

/** The records of builds that were created one after the other. */
export const buildsEvent = (): DynamoDBStreamEvent => {
  const later = { ...buildImage, id: { S: `${workspaceId}-2` }, sk: { S: 'build#000002' }, number: { N: '2' } };
  return {
    Records: [
      streamRecord('700000000028218379112', buildImage),
      streamRecord('700000000028218379113', later),
      streamRecord('700000000028218379114', { ...later, id: { S: `${workspaceId}-3` } }),
    ],
  } as DynamoDBStreamEvent;
};

/** The records of two audit events with an unreadable record between them. */
export const auditEvents = (): DynamoDBStreamEvent => {
  const { Keys: _, ...unreadable } = streamRecord('700000000028218379116', auditImage).dynamodb;
  return {
    Records: [
      streamRecord('700000000028218379115', auditImage),
      { ...streamRecord('700000000028218379116', auditImage), dynamodb: unreadable },
      streamRecord('700000000028218379117', auditImage),
    ],
  } as DynamoDBStreamEvent;
};

/** The event of EventBridge Scheduler: the input of the target, without an envelope. */
export const wakeEvent = { workspaceId, buildId };

/** The event of Step Functions for a step. */
export const stepEvent = { workspaceId, buildId };

/** The event of Cognito's pre token generation trigger, version 2. */
export const tokenEvent = (): PreTokenGenerationV2TriggerEvent =>
  ({
    version: '2',
    triggerSource: 'TokenGeneration_HostedAuth',
    region: 'eu-central-1',
    userPoolId: 'eu-central-1_AbCdEfGhI',
    userName: 'company_ada@example.com',
    callerContext: { awsSdkVersion: 'aws-sdk-unknown-unknown', clientId: '1example23456789' },
    request: {
      userAttributes: {
        sub: '3344e8f2-1041-7088-8d4e-1234567890ab',
        'cognito:user_status': 'EXTERNAL_PROVIDER',
        email: 'ada@example.com',
        email_verified: 'true',
        name: 'Ada Lovelace',
        preferred_username: 'ada',
        'custom:groups': '["platform-admins","everyone"]',
        identities: '[{"userId":"ada@example.com","providerName":"company","providerType":"SAML","primary":true}]',
      },
      groupConfiguration: { groupsToOverride: ['eu-central-1_AbCdEfGhI_company'], iamRolesToOverride: [] },
      scopes: ['openid', 'profile', 'email'],
    },
    response: { claimsAndScopeOverrideDetails: null },
  }) as unknown as PreTokenGenerationV2TriggerEvent;

export const context = {
  awsRequestId: '8476a536-e9f4-11e8-9739-2dfe598c3fcd',
  functionName: 'berth',
  getRemainingTimeInMillis: () => 10_000,
} as Context;
