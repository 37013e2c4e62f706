import { fail, type Verdict, whyUnreachable } from '../../../contracts/doctor.ts';
import type { Context } from './check.ts';

export interface HttpResponse {
  status: number;
  headers: Headers;
  body: string;
}

/**
 * Fetches a URL and judges its response; a failed request is a finding, too. Redirects are not followed: the page they
 * lead to is not the one that was requested.
 */
export const judgeResponse = async (
  { fetch }: Context,
  url: string,
  todo: string,
  judge: (response: HttpResponse) => Verdict[],
): Promise<Verdict[]> => {
  let response: HttpResponse;
  try {
    const fetched = await fetch(url, { redirect: 'manual', signal: AbortSignal.timeout(5_000) });
    response = { status: fetched.status, headers: fetched.headers, body: await fetched.text() };
  } catch (error) {
    return [fail(`${url} cannot be reached: ${whyUnreachable(error)}.`, todo)];
  }
  return judge(response);
};
