import { createHmac, createSign, generateKeyPairSync } from 'node:crypto';
import { expect, it } from 'vitest';
import { selfSigned } from '../../test/support/doubles/certificate.ts';
import { ec2Identity } from './ec2.ts';

const rsa = () => generateKeyPairSync('rsa', { modulusLength: 2048 });
const aws = rsa();
const certificate = selfSigned('ec2.amazonaws.com', aws);
const settings = { account: '111122223333', region: 'eu-central-1', certificates: [certificate] };
const identity = ec2Identity(settings);

/** An instance identity document as the metadata service returned it in 2026. */
const documentOf = (change: object = {}) =>
  JSON.stringify(
    {
      accountId: '111122223333',
      architecture: 'arm64',
      availabilityZone: 'eu-central-1a',
      billingProducts: null,
      imageId: 'ami-0123456789abcdef0',
      instanceId: 'i-0123456789abcdef0',
      instanceType: 'm7g.large',
      pendingTime: '2026-01-12T09:15:30Z',
      privateIp: '10.0.1.17',
      region: 'eu-central-1',
      version: '2017-09-30',
      ...change,
    },
    undefined,
    2,
  );
/** The service breaks the signature into lines of 64 characters. */
const signed = (document: string, { privateKey } = aws): [string, string] => [
  document,
  createSign('sha256')
    .update(document)
    .sign(privateKey, 'base64')
    .replace(/(.{64})/g, '$1\n'),
];

const refusal = expect.objectContaining({ name: 'agent_refused' });

it('identifies a machine by its signed document', async () => {
  expect(await identity(...signed(documentOf()))).toEqual({ instanceId: 'i-0123456789abcdef0' });
});

it('accepts any of the configured certificates, for example while AWS rotates them', async () => {
  const next = rsa();
  const both = ec2Identity({ ...settings, certificates: [certificate, selfSigned('ec2.amazonaws.com', next)] });
  expect(await both(...signed(documentOf(), next))).toEqual({ instanceId: 'i-0123456789abcdef0' });
});

const [good, goodSignature] = signed(documentOf());
const stranger = rsa();
/** A PKCS #7 signature contains its own certificate. Trusting that would accept any signer. */
const bundled = Buffer.concat([
  Buffer.from(selfSigned('ec2.amazonaws.com', stranger)),
  createSign('sha256').update(good).sign(stranger.privateKey),
]).toString('base64');
const hmac = createHmac('sha256', aws.publicKey.export({ type: 'spki', format: 'pem' }))
  .update(good)
  .digest('base64');

it.each([
  [
    'a document of another instance with this signature',
    documentOf({ instanceId: 'i-0fedcba9876543210' }),
    goodSignature,
  ],
  ['the same document with one more space', `${good} `, goodSignature],
  ['a document signed with another key', ...signed(good, stranger)],
  ['a signature that contains its own certificate', good, bundled],
  ['the signature followed by a certificate', good, `${goodSignature}\n${selfSigned('x', stranger)}`],
  ['an HMAC with the public key', good, hmac],
  ['no signature', good, ''],
  ['a signature of an empty text', good, createSign('sha256').update('').sign(aws.privateKey, 'base64')],
  ['SHA-1', good, createSign('sha1').update(good).sign(aws.privateKey, 'base64')],
  ['another account', ...signed(documentOf({ accountId: '444455556666' }))],
  ['another region', ...signed(documentOf({ region: 'us-east-1' }))],
  ['a malformed instance ID', ...signed(documentOf({ instanceId: 'i-0123456789abcdef0/../x' }))],
])('refuses %s', async (_, document, signature) => {
  await expect(identity(document, signature)).rejects.toEqual(refusal);
});

it('throws for a certificate that is not for RSA', () => {
  const curve = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const certificates = [selfSigned('x', { publicKey: curve.publicKey, privateKey: aws.privateKey })];
  expect(() => ec2Identity({ ...settings, certificates })).toThrow('not for RSA');
});
