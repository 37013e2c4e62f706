import { X509Certificate } from 'node:crypto';
import * as z from 'zod';

export const arn = (service: string, description: string) =>
  z.string().regex(new RegExp(`^arn:aws[a-z-]*:${service}:[a-z0-9-]*:[0-9]*:.+$`), `must be the ARN of ${description}`);

export const keyArn = z
  .string()
  .regex(
    /^arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key\/(mrk-[0-9a-f]{32}|[0-9a-f-]{36})$/,
    'must be the ARN of a KMS key',
  );

export const resourceId = (prefix: string) =>
  z.string().regex(new RegExp(`^${prefix}-[0-9a-f]{8,17}$`), `must be an ID such as ${prefix}-0123456789abcdef0`);

export const domainName = z
  .string()
  .max(200)
  .regex(
    /^([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}$/,
    'must be a domain name in lower case, for example berth.example.com',
  );

export const httpsUrl = z.url({ protocol: /^https$/, error: 'must be an https:// URL' });

export const cidr = z.cidrv4({ error: 'must be an IPv4 range, for example 10.40.0.0/16' });

export const zones = z
  .array(z.string())
  .min(2, 'must name at least two availability zones, because a load balancer needs two')
  .max(3);

export const region = z.string().regex(/^[a-z]{2}(-[a-z]+)+-[0-9]$/, 'must be an AWS region, for example eu-central-1');

const isCertificate = (text: string): boolean => {
  try {
    return new X509Certificate(text).subject.length > 0;
  } catch (error) {
    // OpenSSL throws an Error for anything that it cannot parse.
    return !(error instanceof Error);
  }
};

export const pemCertificate = z
  .string()
  .startsWith('-----BEGIN CERTIFICATE-----', 'must be a certificate in PEM format')
  .refine(isCertificate, 'is not a valid certificate');
