import { parseJson } from '../../../contracts/values/json.ts';
import type { Failure } from '../../../contracts/workspaces/builds.ts';
import { BerthError, internalError } from '../../errors.ts';

/** An error that a workflow caught: its name and its cause. */
interface Caught {
  error: string;
  cause: string;
}

interface Explanation {
  message: (cause: string) => string;
  /** The remedy for a cause without one. */
  action: string;
  /** The cause is a `BerthError`, whose message ends in its remedy. */
  hasRemedy?: true;
}

const explanations: Record<string, Explanation> = {
  startup_failed: {
    message: (cause) => cause || 'The startup script failed.',
    action:
      'The workspace keeps running. Check the log of its startup script, fix the problem in a terminal, and run the script again.',
  },
  startup_timeout: {
    message: (cause) => cause || 'The startup script took longer than the template allows.',
    action:
      'The workspace keeps running. Check the log of its startup script to see where it hangs, fix that in a terminal, and run the script again.',
  },
  agent_timeout: {
    message: () => 'The compute started, but the agent in it did not connect in time.',
    action: 'Start again. If the problem persists, ask your administrator whether the workspace can reach the gateway.',
  },
  'States.Timeout': {
    message: () => 'The workspace did not become ready in time.',
    action: 'Check the steps to see where it hangs, and start again.',
  },
  compute_failed: {
    message: (cause) => cause || 'The compute could not be started.',
    action: 'Start again. If the problem persists, contact your administrator.',
    hasRemedy: true,
  },
  compute_unreachable: {
    message: (cause) => cause || 'The compute platform did not respond.',
    action: 'Start again in a few minutes. If the problem persists, contact your administrator.',
    hasRemedy: true,
  },
  invalid_template: {
    message: (cause) => cause || 'The template version is not valid.',
    action: 'Choose another template version or other parameters, and start again.',
    hasRemedy: true,
  },
  forbidden: {
    message: (cause) => cause || 'The workspace is not allowed to run.',
    action: 'Ask an administrator to activate its owner, and start again.',
    hasRemedy: true,
  },
  not_found: {
    message: (cause) => cause || 'The template version of the workspace no longer exists.',
    action: 'Choose another template version, and start again.',
    hasRemedy: true,
  },
};

const unexpected: Explanation = {
  message: () => internalError,
  action: 'Start again. If the problem persists, contact your administrator and include the number of this build.',
};

/** Lambda wraps an error's message in JSON; returns the message. */
const messageOf = (cause: string): string => {
  const wrapped = parseJson(cause) as { errorMessage?: unknown } | undefined;
  return typeof wrapped?.errorMessage === 'string' ? wrapped.errorMessage : cause;
};

interface Parts {
  reason: string;
  remedy: string;
}

/**
 * The cause of an error for a workflow's catch. A workflow passes on one text, so the remedy is separated from the
 * reason by JSON. `redact` is applied to each text.
 */
export const causeOf = (error: Error, redact: (text: string) => string): string => {
  if (!(error instanceof BerthError) || error.remedy === undefined) return redact(error.message);
  return JSON.stringify({ reason: redact(error.reason), remedy: redact(error.remedy) } satisfies Parts);
};

/** The parts of a cause that `causeOf` wrote. */
const partsOf = (message: string): Parts | undefined => {
  const { reason, remedy } = (parseJson(message) ?? {}) as Partial<Record<keyof Parts, unknown>>;
  return typeof reason === 'string' && typeof remedy === 'string' ? { reason, remedy } : undefined;
};

/**
 * Takes the last sentence of a message as its remedy, for a `BerthError` without a separate one. Text in parentheses is
 * quoted and may contain full stops. `undefined` for a single sentence.
 */
const splitAtLastSentence = (message: string): Parts | undefined => {
  let depth = 0;
  let end: number | undefined;
  for (let index = 0; index < message.length; index++) {
    const character = message[index];
    if (character === '(') depth++;
    else if (character === ')') depth--;
    else if (depth === 0 && /^[.?!] \p{Lu}/u.test(message.slice(index, index + 3))) end = index + 1;
  }
  return end === undefined ? undefined : { reason: message.slice(0, end), remedy: message.slice(end + 1) };
};

const maxLength = 600;

/** Explains a caught error to people: what went wrong, and what to do. */
export const explainFailure = ({ error, cause }: Caught): Failure => {
  const { hasRemedy, message, action } = explanations[error] ?? unexpected;
  const text = messageOf(cause);
  const parts = hasRemedy && (partsOf(text) ?? splitAtLastSentence(text.slice(0, maxLength)));
  return {
    error: error in explanations ? error : 'internal',
    ...(parts
      ? { message: parts.reason.slice(0, maxLength), action: parts.remedy.slice(0, maxLength) }
      : { message: message(text.slice(0, maxLength)), action }),
  };
};
