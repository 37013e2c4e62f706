import * as z from 'zod';
import { parseJson } from '../../contracts/json.ts';

/** Names longer than this, and more of them than this, no directory of ours has; tokens must stay small. */
const Name = z
  .string()
  .trim()
  .min(1)
  .max(200)
  .regex(/^\P{Cc}+$/u);
const mostNames = 200;

const JsonNames = z.array(z.string());

const parsedJson = (text: string): string[] => JsonNames.safeParse(parseJson(text)).data ?? [];

/** What stands between brackets, or all of it when there are none; nothing when they do not match. */
const listed = (text: string): string[] => {
  const inner = /^\[([^[\]]*)\]$/.exec(text)?.[1] ?? (/[[\]]/.test(text) ? '' : text);
  return inner.split(',');
};

/**
 * The groups in an attribute that Cognito made of what the identity provider sent: `["a","b"]` of an OpenID claim,
 * `[a, b]` of a SAML attribute with several values, `a` of one, or `a,b` as some providers write it. What is none of
 * these, or half of one, gives no group: a group only ever gives. JSON alone can tell a comma within a name, so groups
 * that give roles are named without.
 */
export const groupsOf = (attribute: string | undefined): string[] => {
  const text = attribute?.trim() ?? '';
  // A quote is JSON's: half of it, split at its commas, would make names of pieces of names.
  const names = /["{]/.test(text) ? parsedJson(text) : listed(text);
  const valid = names.flatMap((name) => Name.safeParse(name).data ?? []);
  return [...new Set(valid)].slice(0, mostNames);
};
