import { fail, type Verdict, whyUnreachable } from '../../contracts/doctor.ts';
import type { Context } from './check.ts';

export interface Answer {
  status: number;
  headers: Headers;
  body: string;
}

/**
 * Gets an address and judges its answer; that there is none is a finding of its own. Redirects are not followed: who
 * answers in another's place is not the one asked for.
 */
export const judgeAnswer = async (
  { fetch }: Context,
  url: string,
  todo: string,
  judge: (answer: Answer) => Verdict[],
): Promise<Verdict[]> => {
  let answer: Answer;
  try {
    const response = await fetch(url, { redirect: 'manual', signal: AbortSignal.timeout(5_000) });
    answer = { status: response.status, headers: response.headers, body: await response.text() };
  } catch (error) {
    return [fail(`${url} cannot be reached: ${whyUnreachable(error)}.`, todo)];
  }
  return judge(answer);
};
