import { fail, jsonOf, ok, type Verdict, warn } from '../../contracts/doctor.ts';
import { portalHeaders } from '../../contracts/portal-headers.ts';
import { routes } from '../../contracts/routes.ts';
import { version } from '../../contracts/version.ts';
import { portalPlaceOf } from '../installation.ts';
import type { Check } from './check.ts';
import { type Answer, judgeAnswer } from './web.ts';

const pointed = 'Does its name lead to what the stack says? Without a hosted zone, point it at the stack’s outputs.';
const article = (anchor: string) => `See docs/runbook.md#${anchor}.`;

const judgeHealth = (url: string, { status, body }: Answer): Verdict[] => {
  if (status !== 200) return [fail(`${url} answers ${status}.`, article('api-fails'))];
  const health = routes.health.response.safeParse(jsonOf(body));
  if (!health.success) return [fail(`${url} is answered by something else than Berth.`, pointed)];
  if (health.data.version !== version) {
    const todo = 'Deploy this one, or check out the other.';
    return [warn(`${url} is answered by Berth ${health.data.version}; this clone is ${version}.`, todo)];
  }
  return [ok(`${url} answers, version ${version}.`)];
};

/** The API at its own name, and where the portal asks for it. */
export const apiHealth: Check = {
  name: 'API',
  when: 'after',
  asks: 'web',
  run: async (context) => {
    const urls = [context.addresses.api, context.addresses.portal].map((host) => `https://${host}/api/health`);
    return (
      await Promise.all(urls.map((url) => judgeAnswer(context, url, pointed, (answer) => judgeHealth(url, answer))))
    ).flat();
  },
};

export const portal: Check = {
  name: 'portal',
  when: 'after',
  asks: 'web',
  run: async (context) => {
    const url = `https://${context.addresses.portal}/`;
    const expected = Object.entries(portalHeaders(portalPlaceOf(context.addresses)));
    return judgeAnswer(context, url, pointed, ({ status, headers }) => {
      if (status !== 200) return [fail(`${url} answers ${status}.`, 'Deploy the portal’s stack again.')];
      const wrong = expected.filter(([name, value]) => headers.get(name) !== value).map(([name]) => name);
      if (!headers.has('strict-transport-security')) wrong.push('strict-transport-security');
      if (wrong.length === 0) return [ok(`${url} answers with its security headers.`)];
      const todo =
        'Deploy the portal’s stack again; if something stands before CloudFront, it must leave them as they are.';
      return [fail(`${url} answers without the right ${wrong.join(', ')}.`, todo)];
    });
  },
};

export const gateway: Check = {
  name: 'gateway',
  when: 'after',
  asks: 'web',
  run: async (context) => {
    const url = `https://${context.addresses.gateway}/healthz`;
    return judgeAnswer(context, url, pointed, ({ status }) => {
      if (status === 200) return [ok(`${url} answers.`)];
      if (status === 503 && context.settings.gateway.sleepWhenIdle) {
        return [
          warn(
            `No replica answers at ${url}: the gateway sleeps while no workspace runs.`,
            `Start a workspace and look again. If one runs already: ${article('gateway-is-missing')}`,
          ),
        ];
      }
      return [fail(`${url} answers ${status}.`, article(status === 503 ? 'gateway-is-missing' : 'gateway-is-unwell'))];
    });
  },
};
