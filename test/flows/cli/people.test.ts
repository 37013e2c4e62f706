import { expect, test } from 'vitest';
import { signInToken } from '../../support/clients/sign-in-token.ts';
import { cliSuite } from './suite.ts';

const suite = cliSuite();
const { json, run, runAsGrace, runBerth } = suite;

test('templates and the own account are shown, and API tokens created and revoked', async () => {
  expect((await runBerth('template', 'ls')).out).toMatch(/^NAME +VERSION +DESCRIPTION\n[\s\S]*hello +1 +Says hello\n/);
  expect((await runBerth('template', 'show', 'broken')).out).toMatch(/size +number +\(required\)/);
  expect((await runBerth('whoami')).out).toMatch(/Name +ada\n/);

  const create = ['tokens', 'create', 'laptop', '--days', '2'];
  const byToken = await run(create);
  expect(byToken).toMatchObject({
    code: 1,
    out: '',
    err: expect.stringMatching(/cannot create another one.*berth login/),
  });
  const created = await run(create, { env: { BERTH_TOKEN: signInToken(suite.berth, 'ada') } });
  const secret = created.out.trim();
  expect((await run(['whoami', '--json'], { env: { BERTH_TOKEN: secret } })).code).toBe(0);
  const token = (await json('tokens', 'ls')).find(({ name }: { name: string }) => name === 'laptop');
  expect((await runBerth('tokens', 'rm', token.id)).code).toBe(0);
  expect((await run(['whoami'], { env: { BERTH_TOKEN: secret } })).code).toBe(3);
});

test('admins list, deactivate and activate people; others get an error with the reason', async () => {
  expect((await runAsGrace('people', 'deactivate', 'linus')).out).toMatch(/^linus is deactivated\. /);
  expect((await runAsGrace('people', 'ls')).out).toMatch(
    /^NAME +FULL NAME +ROLES +SIGNED IN +STATUS\n[\s\S]*\nlinus +Linus Torvalds +member +\S+ \S+ +deactivated\n/,
  );
  expect((await run(['whoami'], { env: { BERTH_TOKEN: suite.berth.tokenOf('linus') } })).code).toBe(3);
  expect(await runAsGrace('people', 'activate', 'linus')).toMatchObject({ code: 0, out: 'linus is active.\n' });
  expect((await run(['whoami'], { env: { BERTH_TOKEN: suite.berth.tokenOf('linus') } })).code).toBe(0);
  expect(await runBerth('people', 'ls')).toMatchObject({ err: expect.stringContaining('Only admins and auditors') });
});
