import { existsSync, readFileSync } from 'node:fs';
import { parseJson } from '../contracts/json.ts';
import { BerthError } from '../core/errors.ts';
import { isDeactivated, personIdOf, personOfSignIn } from '../core/people/people.ts';
import { createToken, personOfToken } from '../core/people/tokens.ts';
import type { Rules } from '../core/rules.ts';
import { type LocalPerson, localProvider, people } from './people.ts';
import { writeWhole } from './write-whole.ts';

const days = 365;

/** Signs the local people in once and leaves an API token of each in a file only this user may read. */
export const writeDevTokens = async (rules: Rules, file: string): Promise<void> => {
  const known = readKnown(file);
  const tokens: Record<string, string> = {};
  for (const person of people) {
    const token = known[person.name];
    // One who was deactivated gets none; the one they have works again once they are activated.
    if (await isDeactivated(rules.table, personIdOf(subjectOf(person.name)))) {
      if (token !== undefined) tokens[person.name] = token;
      continue;
    }
    tokens[person.name] =
      token !== undefined && (await stillWorks(rules, token)) ? token : await newToken(rules, person);
  }
  if (JSON.stringify(tokens) === JSON.stringify(known)) return;
  writeWhole(file, `${JSON.stringify(tokens, null, 2)}\n`);
};

/** A file that cannot be read is made anew: it holds nothing that cannot be. */
const readKnown = (file: string): Record<string, string> => {
  if (!existsSync(file)) return {};
  return (parseJson(readFileSync(file, 'utf8')) ?? {}) as Record<string, string>;
};

const stillWorks = async (rules: Rules, token: string): Promise<boolean> => {
  try {
    await personOfToken(rules, token);
    return true;
  } catch (error) {
    if (error instanceof BerthError) return false;
    throw error;
  }
};

const newToken = async (rules: Rules, { name, displayName, email, groups }: LocalPerson) => {
  const signIn = { subject: subjectOf(name), name, displayName, email, groups, issuedAt: rules.clock() };
  const person = await personOfSignIn(rules, signIn);
  const { secret } = await createToken(rules, person, { name: 'dev-tokens.json', days });
  return secret;
};

/** As the identity adapter names the people of the local provider. */
const subjectOf = (name: string): string => `${localProvider}#${name}`;
