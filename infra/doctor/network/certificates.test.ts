import type { CertificateDetail } from '@aws-sdk/client-acm';
import { expect, test } from 'vitest';
import { judgeCertificate } from './certificates.ts';

const now = new Date('2026-01-01T00:00:00Z');
const inDays = (days: number) => new Date(now.getTime() + days * 86_400_000);
const judge = (change: Partial<CertificateDetail>, hosts = ['api.berth.example.com', '*.apps.berth.example.com']) =>
  judgeCertificate(
    'certificate',
    {
      Status: 'ISSUED',
      DomainName: '*.berth.example.com',
      SubjectAlternativeNames: ['*.apps.berth.example.com'],
      NotAfter: inDays(200),
      ...change,
    },
    hosts,
    now,
  ).map(({ level, what }) => `${level}: ${what}`);

test('a valid certificate', () => expect(judge({})).toEqual(['ok: The certificate is valid for 200 days.']));

test('a wildcard covers one label, not two and not none', () => {
  expect(judge({}, ['web.apps.berth.example.com'])).toEqual(['ok: The certificate is valid for 200 days.']);
  expect(judge({}, ['berth.example.com', 'a.b.apps.berth.example.com'])).toEqual([
    'fail: The certificate is not valid for berth.example.com.',
    'fail: The certificate is not valid for a.b.apps.berth.example.com.',
  ]);
});

test.each([
  [29, ['warn: The certificate expires in 29 days.']],
  [30, ['ok: The certificate is valid for 30 days.']],
  [-1, ['fail: The certificate has expired.']],
])('%d days before it expires', (days, verdicts) => expect(judge({ NotAfter: inDays(days) })).toEqual(verdicts));

test('a certificate that waits for validation says which records to create', () => {
  expect(judge({ Status: 'PENDING_VALIDATION' })[0]).toContain('create the CNAME records that ACM shows');
  expect(judge({ Status: 'INACTIVE' })).toEqual(['fail: The certificate is INACTIVE.']);
});
