import { getGitKey, makeGitKey } from '../../core/people/git-key.ts';
import type { PersonRecord } from '../../core/people/person-record.ts';
import type { SealingRuntime } from '../runtime.ts';
import type { Handlers } from './envelope.ts';

export const gitKeyHandlers: Handlers<'getGitKey' | 'makeGitKey'> = {
  getGitKey: ({ runtime, person }) => getGitKey(runtime.rules, person),
  makeGitKey: ({ runtime, person, body }) => makeGitKey(runtime.rules, runtime.sealer, person, body),
};

/**
 * Creates a git key for a person who creates a workspace and has none, so that git works from the start. A failure does
 * not prevent the workspace.
 */
export const provideGitKey = async ({ rules, sealer, log }: SealingRuntime, person: PersonRecord): Promise<void> => {
  try {
    await makeGitKey(rules, sealer, person, { rotate: false });
  } catch (error) {
    log('warn', 'a git key could not be created', { person: person.id, error });
  }
};
