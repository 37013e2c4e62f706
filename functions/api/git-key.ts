import { getGitKey, makeGitKey } from '../../core/people/git-key.ts';
import type { PersonRecord } from '../../core/people/people.ts';
import type { SealingRuntime } from '../runtime.ts';
import type { Handlers } from './envelope.ts';

export const gitKeyHandlers: Handlers<'getGitKey' | 'makeGitKey'> = {
  getGitKey: ({ runtime, person }) => getGitKey(runtime.rules, person),
  makeGitKey: ({ runtime, person, body }) => makeGitKey(runtime.rules, runtime.sealer, person, body),
};

/**
 * For who makes a workspace and has no key: git is to work from the first minute. A workspace is made without one, too.
 */
export const provideGitKey = async ({ rules, sealer, log }: SealingRuntime, person: PersonRecord): Promise<void> => {
  try {
    await makeGitKey(rules, sealer, person, { rotate: false });
  } catch (error) {
    log('warn', 'no git key was made', { person: person.id, error });
  }
};
