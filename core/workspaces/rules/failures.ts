import { parseJson } from '../../../contracts/values/json.ts';
import type { Failure } from '../../../contracts/workspaces/builds.ts';

/** What a workflow's catch hands on: the error's name and what it said. */
export interface Caught {
  error: string;
  cause: string;
}

interface Explanation {
  message: (cause: string) => string;
  /** What to do, where the cause does not say so itself. */
  action: string;
  /** The cause is Berth's own: its last sentence says what to do, as every error of ours ends. */
  hasRemedy?: true;
}

const explanations: Record<string, Explanation> = {
  startup_failed: {
    message: (cause) => cause || 'The startup script failed.',
    action:
      'The workspace runs all the same. See the log of its startup script, repair in a terminal what is wrong, and run the script again.',
  },
  startup_timeout: {
    message: (cause) => cause || 'The startup script took longer than the template allows.',
    action:
      'The workspace runs all the same. See in the log of its startup script where it hangs, repair that in a terminal, and run the script again; or ask for a longer startupTimeout in the template.',
  },
  agent_timeout: {
    message: () => 'The compute started, but the agent in it did not connect in time.',
    action: 'Start again. If the problem persists, ask your administrator whether the workspace can reach the gateway.',
  },
  'States.Timeout': {
    message: () => 'The workspace did not become ready in time.',
    action: 'See in the steps where it hangs, and start again.',
  },
  compute_failed: {
    message: (cause) => cause || 'The compute could not be started.',
    action: 'Start again. If the problem persists, contact your administrator.',
    hasRemedy: true,
  },
  compute_unreachable: {
    message: (cause) => cause || 'Where the compute runs did not answer.',
    action: 'Start again in a few minutes. If the problem persists, contact your administrator.',
    hasRemedy: true,
  },
  invalid_template: {
    message: (cause) => cause || 'The template version is not valid.',
    action: 'Choose another template version or other parameters, and start again.',
    hasRemedy: true,
  },
  forbidden: {
    message: (cause) => cause || 'The workspace may not run.',
    action: 'Ask an administrator to activate its owner, and start again.',
    hasRemedy: true,
  },
  not_found: {
    message: (cause) => cause || 'Something the workspace needs is not there any more.',
    action: 'Choose another template version, and start again.',
    hasRemedy: true,
  },
};

const unexpected: Explanation = {
  message: () => 'Something went wrong in Berth while it worked on the workspace.',
  action: 'Start again. If the problem persists, show your administrator the number of this build.',
};

/** Lambda and Step Functions wrap an error's message in JSON or in `Error: …`; this is the sentence inside. */
const sentence = (cause: string): string => {
  const wrapped = parseJson(cause) as { errorMessage?: unknown } | undefined;
  return typeof wrapped?.errorMessage === 'string' ? wrapped.errorMessage : cause;
};

/**
 * A sentence of Berth's own taken apart before its last sentence, the remedy. What stands in parentheses is quoted from
 * elsewhere and may hold full stops of its own. `undefined` for a single sentence.
 */
const withRemedyApart = (told: string): { message: string; action: string } | undefined => {
  let depth = 0;
  let end: number | undefined;
  for (let index = 0; index < told.length; index++) {
    const character = told[index];
    if (character === '(') depth++;
    else if (character === ')') depth--;
    else if (depth === 0 && /^[.?!] \p{Lu}/u.test(told.slice(index, index + 3))) end = index + 1;
  }
  return end === undefined ? undefined : { message: told.slice(0, end), action: told.slice(end + 1) };
};

/** A caught error as a person is told it: what went wrong, and what to do. */
export const explainFailure = ({ error, cause }: Caught): Failure => {
  const explanation = explanations[error] ?? unexpected;
  const told = sentence(cause).slice(0, 600);
  const own = { message: explanation.message(told), action: explanation.action };
  return {
    error: error in explanations ? error : 'internal',
    ...((explanation.hasRemedy && withRemedyApart(told)) || own),
  };
};
