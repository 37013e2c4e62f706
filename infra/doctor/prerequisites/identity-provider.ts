import { X509Certificate } from 'node:crypto';
import { DescribeSecretCommand } from '@aws-sdk/client-secrets-manager';
import { XMLParser, XMLValidator } from 'fast-xml-parser';
import * as z from 'zod';
import { fail, ok, type Verdict, warn } from '../../../contracts/doctor.ts';
import { parseJson } from '../../../contracts/values/json.ts';
import { type Check, unlessAbsent } from '../context/check.ts';
import { judgeResponse } from '../context/https-response.ts';

const listOf = <T extends z.ZodType>(item: T) => z.preprocess((value) => [value ?? []].flat(), z.array(item));
/** The part of SAML metadata that a user pool needs. */
const Metadata = z.object({
  EntityDescriptor: z.object({
    IDPSSODescriptor: z.object({
      SingleSignOnService: listOf(z.unknown()),
      KeyDescriptor: listOf(
        z.object({
          '@_use': z.string().optional(),
          KeyInfo: z.object({ X509Data: z.object({ X509Certificate: z.coerce.string() }) }),
        }),
      ),
    }),
  }),
});

// Entities are not expanded: a malicious document could make them grow exponentially ("billion laughs").
const parser = new XMLParser({ removeNSPrefix: true, ignoreAttributes: false, processEntities: false });

export const judgeMetadata = (url: string, xml: string, now: Date): Verdict[] => {
  const todo =
    'Ask the identity provider’s administrator for the URL of its SAML 2.0 metadata (signIn.saml.metadataUrl).';
  const read = XMLValidator.validate(xml) === true ? Metadata.safeParse(parser.parse(xml)) : undefined;
  if (!read?.success) return [fail(`${url} is not the metadata of a SAML identity provider.`, todo)];
  const { KeyDescriptor, SingleSignOnService } = read.data.EntityDescriptor.IDPSSODescriptor;
  if (SingleSignOnService.length === 0) return [fail(`The metadata at ${url} has no SingleSignOnService.`, todo)];
  const ends = KeyDescriptor.filter((key) => key['@_use'] !== 'encryption').map(
    ({ KeyInfo }) =>
      new Date(new X509Certificate(Buffer.from(KeyInfo.X509Data.X509Certificate.replace(/\s/g, ''), 'base64')).validTo),
  );
  if (ends.length === 0) return [fail(`The metadata at ${url} has no signing certificate.`, todo)];
  if (ends.every((end) => end < now)) {
    return [
      warn(
        `The signing certificate at ${url} has expired.`,
        'Ask the identity provider’s administrator to replace it.',
      ),
    ];
  }
  return [ok(`The metadata at ${url} is valid.`)];
};

const Discovery = z.object({ issuer: z.string() });

/** Cognito fetches these URLs from outside of the company's network. */
export const identityProvider: Check = {
  name: 'identity provider',
  when: 'before',
  queries: 'web',
  run: async (context) => {
    const { saml, oidc } = context.settings.signIn;
    const url = saml?.metadataUrl ?? `${oidc?.issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
    return judgeResponse(
      context,
      url,
      'Correct the URL in signIn, or make it reachable from the internet for Cognito.',
      ({ status, body }) => {
        if (status !== 200)
          return [
            fail(
              `${url} returned status ${status}.`,
              'Correct the URL in signIn. Cognito must be able to fetch it without signing in.',
            ),
          ];
        if (saml !== undefined) return judgeMetadata(url, body, context.now);
        const issuer = Discovery.safeParse(parseJson(body)).data?.issuer;
        if (issuer === oidc?.issuer) return [ok(`The issuer ${issuer} responds.`)];
        return [
          fail(
            `${url} names the issuer ${issuer ?? '(none)'} instead of ${oidc?.issuer}.`,
            'Correct signIn.oidc.issuer; it must match exactly.',
          ),
        ];
      },
    );
  },
};

export const clientSecret: Check = {
  name: 'identity provider',
  when: 'before',
  queries: 'aws',
  run: async ({ aws, settings: { signIn } }) => {
    if (signIn.oidc === undefined) return [];
    const SecretId = signIn.oidc.clientSecret;
    const request = aws.secretsmanager.send(new DescribeSecretCommand({ SecretId }));
    const found = await unlessAbsent(['ResourceNotFoundException'], request);
    if (found !== undefined && found.DeletedDate === undefined) return [ok('The client secret exists.')];
    return [
      fail(
        `The client secret ${SecretId} does not exist.`,
        'Create a secret with the client secret in Secrets Manager, and set signIn.oidc.clientSecret to its ARN.',
      ),
    ];
  },
};
