import { parseJson } from '../contracts/json.ts';
import type { Failure } from '../contracts/workspace.ts';

/** What a workflow's catch hands on: the error's name and what it said. */
export interface Caught {
  error: string;
  cause: string;
}

interface Explanation {
  message: (cause: string) => string;
  action: string;
}

const explanations: Record<string, Explanation> = {
  startup_failed: {
    message: (cause) => cause || 'The startup script failed.',
    action: 'See its log below. Change the parameters or choose another template version, and start again.',
  },
  startup_timeout: {
    message: (cause) => cause || 'The startup script took longer than the template allows.',
    action: 'See in its log where it hangs. Start again, or ask for a longer startupTimeout in the template.',
  },
  agent_timeout: {
    message: () => 'The compute started, but the agent in it did not connect in time.',
    action: 'Start again. If it stays, ask your administrator whether the workspace can reach the gateway.',
  },
  'States.Timeout': {
    message: () => 'The workspace did not become ready in time.',
    action: 'See in the steps where it hangs, and start again.',
  },
  compute_failed: {
    message: (cause) => cause || 'The compute could not be started.',
    action: 'Start again. If it stays, show this to your administrator.',
  },
  invalid_template: {
    message: (cause) => cause || 'The template version is not valid.',
    action: 'Choose another template version or other parameters, and start again.',
  },
  forbidden: {
    message: (cause) => cause || 'The workspace may not run.',
    action: 'Ask an administrator to activate its owner, and start again.',
  },
  not_found: {
    message: (cause) => cause || 'Something the workspace needs is not there any more.',
    action: 'Choose another template version, and start again.',
  },
};

const unexpected: Explanation = {
  message: () => 'Something went wrong in Berth while it worked on the workspace.',
  action: 'Start again. If it stays, show your administrator the number of this build.',
};

/** Lambda and Step Functions wrap an error's message in JSON or in `Error: …`; this is the sentence inside. */
const sentence = (cause: string): string => {
  const wrapped = parseJson(cause) as { errorMessage?: unknown } | undefined;
  return typeof wrapped?.errorMessage === 'string' ? wrapped.errorMessage : cause;
};

/** A caught error as a person is told it: what went wrong, and what to do. */
export const explainFailure = ({ error, cause }: Caught): Failure => {
  const explanation = explanations[error] ?? unexpected;
  const told = sentence(cause).slice(0, 600);
  return {
    error: error in explanations ? error : 'internal',
    message: explanation.message(told),
    action: explanation.action,
  };
};
