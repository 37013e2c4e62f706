import * as z from 'zod';
import { parseJson } from '../../contracts/values/json.ts';

/** Maximum length of a user pool attribute. Cognito fails the sign-in when a mapped attribute is longer. */
export const longestAttribute = 2_048;

/** Longer than group names of directories. Control characters in a name are an attack or an accident. */
const Name = z
  .string()
  .trim()
  .min(1)
  .max(200)
  .regex(/^\P{Cc}+$/u);

const JsonNames = z.array(z.string());

const valid = (names: readonly string[]): string[] => [
  ...new Set(names.flatMap((name) => Name.safeParse(name).data ?? [])),
];

const parsedJson = (text: string): string[] => JsonNames.safeParse(parseJson(text)).data ?? [];

/** The text between the brackets of a list; `undefined` for other text. */
const insideBrackets = (text: string): string | undefined => /^\[([^[\]]*)\]$/.exec(text)?.[1];

/** Decodes a value that Cognito encoded as `application/x-www-form-urlencoded`; nothing for an invalid encoding. */
const formDecoded = (text: string): string[] => {
  try {
    return [decodeURIComponent(text.trim().replaceAll('+', ' '))];
  } catch (error) {
    if (error instanceof URIError) return [];
    throw error;
  }
};

/**
 * Several values of a SAML attribute arrive as `[Platform+Admins,engineering]`: joined by commas, each form-encoded, so
 * that commas and brackets within a name cannot be confused with those of the list. A single value arrives without
 * encoding.
 */
const samlGroups = (text: string): string[] => {
  const list = insideBrackets(text);
  return list === undefined ? [text] : list.split(',').flatMap(formDecoded);
};

/**
 * An array in an OpenID claim arrives as JSON. Some providers send text with commas, or a list in brackets without
 * quotes. Text with a quote or brace is parsed only as JSON: splitting truncated JSON at commas would invent group
 * names.
 */
const oidcGroups = (text: string): string[] => {
  if (/["{]/.test(text)) return parsedJson(text);
  return (insideBrackets(text) ?? (/[[\]]/.test(text) ? '' : text)).split(',');
};

/**
 * Parses the groups of an identity provider's claim, in its order. An undocumented or truncated form yields no group,
 * because groups only grant permissions.
 */
export const groupsOfClaim = (claim: unknown, provider: 'SAML' | 'OIDC'): string[] => {
  if (Array.isArray(claim)) return valid(claim.filter((name) => typeof name === 'string'));
  const text = typeof claim === 'string' ? claim.trim() : '';
  return valid(provider === 'SAML' ? samlGroups(text) : oidcGroups(text));
};

/** Parses `custom:groups` as the inbound federation trigger writes it; anything else yields no group. */
export const groupsOfAttribute = (attribute: string | undefined): string[] => valid(parsedJson(attribute ?? ''));

interface WantedGroups {
  /** Groups that grant roles; kept before all others. */
  roles: readonly string[];
  /** Names, or prefixes that end in `*`, of the other groups to keep. Default: all. */
  named?: readonly string[] | undefined;
}

const matches = (pattern: string, name: string): boolean =>
  pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : name === pattern;

/**
 * The value of `custom:groups`: the groups that grant roles, then the other wanted ones in the provider's order, as
 * many as fit. `skipped` counts those that did not fit.
 */
export const groupsAttribute = (
  groups: readonly string[],
  { roles, named }: WantedGroups,
): { value: string; skipped: number } => {
  const isWanted = (name: string) => named === undefined || named.some((pattern) => matches(pattern, name));
  const granting = groups.filter((name) => roles.includes(name));
  const others = groups.filter((name) => !roles.includes(name) && isWanted(name));
  const kept: string[] = [];
  let length = '[]'.length;
  let skipped = 0;
  for (const name of [...granting, ...others]) {
    const longer = length + JSON.stringify(name).length + (kept.length === 0 ? 0 : 1);
    if (longer > longestAttribute) {
      skipped += 1;
      continue;
    }
    kept.push(name);
    length = longer;
  }
  return { value: JSON.stringify(kept), skipped };
};
