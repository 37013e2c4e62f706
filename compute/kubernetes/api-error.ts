import { BerthError } from '../../core/errors.ts';
import type { HttpAnswer } from './http.ts';
import { cleaned } from './words.ts';

/** What the API server says in its `Status`; a proxy before it may say anything. */
const messageOf = ({ body, status }: HttpAnswer): string => {
  try {
    const { message } = JSON.parse(body) as { message?: unknown };
    if (typeof message === 'string' && message !== '') return cleaned(message);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  return `HTTP ${status}`;
};

const whatToDo = (status: number, message: string): string => {
  if (message.includes('exceeded quota')) {
    return "The namespace's quota is used up: stop or delete another workspace, or ask your administrator for more";
  }
  if (message.includes('PodSecurity')) {
    return "The namespace's pod security level is stricter than the template: correct the template, or ask your administrator";
  }
  if (status === 401 || status === 403) return "Ask your administrator to check Berth's rights in the cluster";
  if (status === 429 || status >= 500)
    return 'Start again in a few minutes; if it stays, ask your administrator whether the cluster is well';
  if (status === 404) return "Ask your administrator whether the namespace of Berth's workspaces is there";
  return 'Correct compute.spec in the template, or start with another version of it';
};

/** An answer that is none of the expected ones, told to a person. */
export const refusedByCluster = (what: string, answer: HttpAnswer): BerthError => {
  const message = messageOf(answer);
  return new BerthError(
    'compute_failed',
    `The cluster refuses ${what}: ${message}. ${whatToDo(answer.status, message)}.`,
  );
};

/** No answer at all. The cause's own words may name addresses inside the company: they go to the log alone. */
export const silentCluster = (what: string, cause: unknown): BerthError =>
  new BerthError(
    'compute_failed',
    `The cluster did not answer when Berth asked for ${what}. Start again in a few minutes; if it stays, ask your administrator whether the cluster can be reached.`,
    { cause },
  );
