import { fail, ok, type Verdict, warn } from '../../../contracts/doctor.ts';
import { portalHeaders } from '../../../contracts/portal-headers.ts';
import { routes } from '../../../contracts/routes/routes.ts';
import { parseJson } from '../../../contracts/values/json.ts';
import { version } from '../../../contracts/version.ts';
import { portalAddressesOf } from '../../settings/installation.ts';
import type { Check } from '../context/check.ts';
import { type HttpResponse, judgeResponse } from '../context/https-response.ts';

const checkDnsRecord = 'Check that its DNS record points to the address in the stack’s outputs.';
const article = (anchor: string) => `See docs/runbook.md#${anchor}.`;

const judgeHealth = (url: string, { status, body }: HttpResponse): Verdict[] => {
  if (status !== 200) return [fail(`${url} returned status ${status}.`, article('api-fails'))];
  const health = routes.health.response.safeParse(parseJson(body));
  if (!health.success) return [fail(`${url} did not return a response of Berth.`, checkDnsRecord)];
  if (health.data.version !== version) {
    const todo = 'Deploy this version, or check out the deployed one.';
    return [warn(`${url} runs Berth ${health.data.version}; this clone is ${version}.`, todo)];
  }
  return [ok(`${url} runs Berth ${version}.`)];
};

/** The API at its own host, and behind the portal's. */
export const apiHealth: Check = {
  name: 'API',
  when: 'after',
  queries: 'web',
  run: async (context) => {
    const urls = [context.addresses.api, context.addresses.portal].map((host) => `https://${host}/api/health`);
    return (
      await Promise.all(
        urls.map((url) => judgeResponse(context, url, checkDnsRecord, (response) => judgeHealth(url, response))),
      )
    ).flat();
  },
};

export const portal: Check = {
  name: 'portal',
  when: 'after',
  queries: 'web',
  run: async (context) => {
    const url = `https://${context.addresses.portal}/`;
    const expected = Object.entries(portalHeaders(portalAddressesOf(context.addresses)));
    return judgeResponse(context, url, checkDnsRecord, ({ status, headers }) => {
      if (status !== 200) return [fail(`${url} returned status ${status}.`, 'Deploy the portal’s stack again.')];
      const wrong = expected.filter(([name, value]) => headers.get(name) !== value).map(([name]) => name);
      if (!headers.has('strict-transport-security')) wrong.push('strict-transport-security');
      if (wrong.length === 0) return [ok(`${url} returns its security headers.`)];
      const todo =
        'Deploy the portal’s stack again. If there is a proxy in front of CloudFront, it must not change these headers.';
      return [fail(`${url} does not return the expected ${wrong.join(', ')}.`, todo)];
    });
  },
};

export const gateway: Check = {
  name: 'gateway',
  when: 'after',
  queries: 'web',
  run: async (context) => {
    const url = `https://${context.addresses.gateway}/healthz`;
    return judgeResponse(context, url, checkDnsRecord, ({ status }) => {
      if (status === 200) return [ok(`${url} responds.`)];
      if (status === 503 && context.settings.gateway.sleepWhenIdle) {
        return [
          warn(
            `No replica responds at ${url}: the gateway sleeps while no workspace runs.`,
            `Start a workspace and run this check again. If a workspace is running already: ${article('gateway-is-missing')}`,
          ),
        ];
      }
      return [
        fail(`${url} returned status ${status}.`, article(status === 503 ? 'gateway-is-missing' : 'gateway-is-unwell')),
      ];
    });
  },
};
