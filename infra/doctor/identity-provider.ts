import { X509Certificate } from 'node:crypto';
import { DescribeSecretCommand } from '@aws-sdk/client-secrets-manager';
import { XMLParser, XMLValidator } from 'fast-xml-parser';
import * as z from 'zod';
import { fail, jsonOf, ok, type Verdict, warn } from '../../contracts/doctor.ts';
import { type Check, unlessAbsent } from './check.ts';
import { judgeAnswer } from './web.ts';

const listOf = <T extends z.ZodType>(item: T) => z.preprocess((value) => [value ?? []].flat(), z.array(item));
/** As much of SAML metadata as a user pool needs. */
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

// Entities are left alone: a document of somebody else could make them grow without end.
const parser = new XMLParser({ removeNSPrefix: true, ignoreAttributes: false, processEntities: false });

export const judgeMetadata = (url: string, xml: string, now: Date): Verdict[] => {
  const todo =
    'Ask whoever keeps the identity provider for the address of its SAML 2.0 metadata (signIn.saml.metadataUrl).';
  const read = XMLValidator.validate(xml) === true ? Metadata.safeParse(parser.parse(xml)) : undefined;
  if (!read?.success) return [fail(`${url} is no metadata of a SAML identity provider.`, todo)];
  const { KeyDescriptor, SingleSignOnService } = read.data.EntityDescriptor.IDPSSODescriptor;
  if (SingleSignOnService.length === 0) return [fail(`The metadata at ${url} names no place to sign in.`, todo)];
  const ends = KeyDescriptor.filter((key) => key['@_use'] !== 'encryption').map(
    ({ KeyInfo }) =>
      new Date(new X509Certificate(Buffer.from(KeyInfo.X509Data.X509Certificate.replace(/\s/g, ''), 'base64')).validTo),
  );
  if (ends.length === 0) return [fail(`The metadata at ${url} holds no key to check signatures with.`, todo)];
  if (ends.every((end) => end < now)) {
    return [
      warn(
        `The signing certificate at ${url} has expired.`,
        'Have it replaced: identity providers may refuse to sign with it.',
      ),
    ];
  }
  return [ok(`The metadata at ${url} can be read.`)];
};

const Discovery = z.object({ issuer: z.string() });

/** A user pool reads these addresses from outside of the company's network. */
export const identityProvider: Check = {
  name: 'identity provider',
  when: 'before',
  asks: 'web',
  run: async (context) => {
    const { saml, oidc } = context.settings.signIn;
    const url = saml?.metadataUrl ?? `${oidc?.issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
    return judgeAnswer(context, url, 'Cognito must reach it too. Correct signIn.', ({ status, body }) => {
      if (status !== 200)
        return [fail(`${url} answers ${status}.`, 'Cognito must get it without signing in. Correct signIn.')];
      if (saml !== undefined) return judgeMetadata(url, body, context.now);
      const issuer = Discovery.safeParse(jsonOf(body)).data?.issuer;
      if (issuer === oidc?.issuer) return [ok(`The issuer ${issuer} answers.`)];
      return [
        fail(
          `${url} is of the issuer ${issuer ?? '(none)'}, not ${oidc?.issuer}.`,
          'Correct signIn.oidc.issuer, to the letter.',
        ),
      ];
    });
  },
};

export const clientSecret: Check = {
  name: 'identity provider',
  when: 'before',
  asks: 'aws',
  run: async ({ aws, settings: { signIn } }) => {
    if (signIn.oidc === undefined) return [];
    const SecretId = signIn.oidc.clientSecret;
    const asked = aws.secretsmanager.send(new DescribeSecretCommand({ SecretId }));
    const found = await unlessAbsent(['ResourceNotFoundException'], asked);
    if (found !== undefined && found.DeletedDate === undefined) return [ok("The client's secret is there.")];
    return [
      fail(
        `There is no secret ${SecretId}.`,
        'Put the client secret into Secrets Manager and its ARN into signIn.oidc.clientSecret.',
      ),
    ];
  },
};
