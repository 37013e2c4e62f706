import { expect, test } from 'vitest';
import { loopbackTls } from '../../../test/support/doubles/loopback-tls.ts';
import { judgeMetadata } from './identity-provider.ts';

const now = new Date('2027-01-01T00:00:00Z');
const certificate = loopbackTls.cert.replace(/-----[A-Z ]+-----|\s/g, '');
const key = (use: string) =>
  `<KeyDescriptor${use}><KeyInfo><X509Data><X509Certificate>${certificate}</X509Certificate></X509Data></KeyInfo></KeyDescriptor>`;
const signOn = '<SingleSignOnService Location="https://idp.example.com"/>';
const metadata = (inside: string) =>
  `<EntityDescriptor><IDPSSODescriptor>${inside}</IDPSSODescriptor></EntityDescriptor>`;
const judge = (xml: string, at = now) =>
  judgeMetadata('https://idp', xml, at).map(({ level, what }) => `${level}: ${what}`);

test('metadata with several keys, or one key for signing and encryption', () => {
  for (const keys of [key(' use="signing"') + key(' use="encryption"'), key('')]) {
    expect(judge(metadata(keys + signOn))).toEqual(['ok: The metadata at https://idp is valid.']);
  }
});

test('metadata without a signing key, or without a sign-in service', () => {
  expect(judge(metadata(signOn))).toEqual([expect.stringContaining('has no signing certificate')]);
  expect(judge(metadata(key(' use="encryption"') + signOn))).toEqual([
    expect.stringContaining('has no signing certificate'),
  ]);
  expect(judge(metadata(key('')))).toEqual([expect.stringContaining('has no SingleSignOnService')]);
});

test('the metadata of a service provider, a web page, an empty document', () => {
  for (const xml of ['<EntityDescriptor><SPSSODescriptor/></EntityDescriptor>', '<html/>', '', '{}', '<a>']) {
    expect(judge(xml)).toEqual(['fail: https://idp is not the metadata of a SAML identity provider.']);
  }
});

test('an expired signing certificate is a warning', () => {
  expect(judge(metadata(key('') + signOn), new Date('2200-01-01T00:00:00Z'))).toEqual([
    'warn: The signing certificate at https://idp has expired.',
  ]);
});
