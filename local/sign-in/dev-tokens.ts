import { existsSync, readFileSync } from 'node:fs';
import { parseJson } from '../../contracts/values/json.ts';
import { BerthError } from '../../core/errors.ts';
import { isDeactivated, personIdOf } from '../../core/people/person-record.ts';
import { recordSignIn } from '../../core/people/sign-in.ts';
import { authenticateToken, createToken } from '../../core/people/tokens.ts';
import type { Rules } from '../../core/rules.ts';
import { writeAtomically } from '../data/atomic-write.ts';
import { type LocalPerson, localProvider, people } from './seeded-people.ts';

const days = 365;

/** Signs in each local user once, and writes an API token of each to a file that only the current OS user can read. */
export const writeDevTokens = async (rules: Rules, file: string): Promise<void> => {
  const known = readTokens(file);
  const tokens: Record<string, string> = {};
  for (const person of people) {
    const token = known[person.name];
    // A deactivated user gets no new token. An existing token works again once the user is reactivated.
    if (await isDeactivated(rules.table, personIdOf(subjectOf(person.name)))) {
      if (token !== undefined) tokens[person.name] = token;
      continue;
    }
    tokens[person.name] = token !== undefined && (await isValid(rules, token)) ? token : await newToken(rules, person);
  }
  if (JSON.stringify(tokens) === JSON.stringify(known)) return;
  writeAtomically(file, `${JSON.stringify(tokens, null, 2)}\n`);
};

/** The content of an invalid file is ignored, because all tokens can be created again. */
const readTokens = (file: string): Record<string, string> => {
  if (!existsSync(file)) return {};
  return (parseJson(readFileSync(file, 'utf8')) ?? {}) as Record<string, string>;
};

const isValid = async (rules: Rules, token: string): Promise<boolean> => {
  try {
    await authenticateToken(rules, token);
    return true;
  } catch (error) {
    if (error instanceof BerthError) return false;
    throw error;
  }
};

const newToken = async (rules: Rules, { name, displayName, email, groups }: LocalPerson) => {
  const signIn = { subject: subjectOf(name), name, displayName, email, groups, issuedAt: rules.clock() };
  const person = await recordSignIn(rules, signIn);
  const { secret } = await createToken(rules, person, { name: 'dev-tokens.json', days });
  return secret;
};

/** The subject that the identity adapter uses for users of the local provider. */
const subjectOf = (name: string): string => `${localProvider}#${name}`;
