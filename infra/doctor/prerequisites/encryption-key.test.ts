import { expect, test } from 'vitest';
import { judgeKeyPolicy } from './encryption-key.ts';

const account = '111122223333';
const judge = (Statement: unknown) =>
  judgeKeyPolicy(JSON.stringify({ Statement }), account, 'eu-west-3').map(({ what }) => what);
const allow = (Principal: unknown) => ({ Effect: 'Allow', Principal, Action: 'kms:*', Resource: '*' });
const services = { Service: ['logs.eu-west-3.amazonaws.com', 'cloudwatch.amazonaws.com'] };

test('a policy as infra/stateful/encryption-key.ts writes it', () => {
  expect(judge([allow({ AWS: `arn:aws:iam::${account}:root` }), allow(services)])).toEqual([]);
  expect(judge([allow({ AWS: [account] }), allow(services)])).toEqual([]);
});

test('all missing principals are reported together, and a Deny statement grants nothing', () => {
  expect(judge(allow({ AWS: 'arn:aws:iam::999999999999:root' }))).toHaveLength(3);
  expect(judge([allow({ AWS: account }), { ...allow(services), Effect: 'Deny' }])).toHaveLength(2);
  expect(judge([allow({ AWS: account }), allow({ Service: 'logs.us-east-1.amazonaws.com' })])).toEqual([
    'The encryption key’s policy does not allow CloudWatch Logs to use it.',
    expect.stringContaining('CloudWatch to use it, so alarms'),
  ]);
});
