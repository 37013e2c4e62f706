import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { beforeEach, describe, expect, it } from 'vitest';
import { openSqliteTable } from '../../adapters/table/sqlite/table.ts';
import type { FederationSettings } from '../../contracts/settings/federation.ts';
import { loadPerson } from '../../core/people/person-record.ts';
import { recordSignIn } from '../../core/people/sign-in.ts';
import type { Identity } from '../../core/ports/identity.ts';
import type { Rules } from '../../core/rules.ts';
import { deactivatePerson } from '../../core/workspaces/people/activation.ts';
import { apiEvent } from '../../test/functions/events.ts';
import { type Assertion, type Mapping, userPool } from '../../test/support/doubles/user-pool.ts';
import { createApi } from '../api/api.ts';
import { peopleHandlers } from '../api/people.ts';
import type { ApiRuntime } from '../runtime.ts';

const settings: FederationSettings = {
  attributes: {
    groups: 'memberOf',
    username: 'login',
    name: 'displayName',
    email: 'mail',
    emailVerified: 'mailVerified',
  },
  groups: { roles: ['Platform Admins', 'auditors'] },
};
const saml = { name: 'Okta', type: 'SAML' } as const;
const oidc = { name: 'Entra', type: 'OIDC' } as const;

let rules: Rules;
let warnings: unknown[];
beforeEach(() => {
  rules = {
    table: openSqliteTable(':memory:'),
    clock: () => new Date(),
    log: () => undefined,
    roleGroups: { admin: 'Platform Admins', auditor: 'auditors' },
  };
  warnings = [];
});

/** Returns the response of `GET /api/me`. */
const whoIs = async (identity: Identity, token: string) => {
  const runtime = { rules, identity, log: () => undefined } as unknown as ApiRuntime;
  const response = (await createApi(
    runtime,
    peopleHandlers,
  )(apiEvent('GET', '/api/me', { token }))) as APIGatewayProxyStructuredResultV2;
  return { status: response.statusCode, body: JSON.parse(response.body ?? 'null') };
};

const givenPool = (mapping: Mapping, other: FederationSettings = settings) =>
  userPool({ settings: other, mapping, log: (...line) => void warnings.push(line) });

describe.each<Mapping>(['by provider name', 'by pool name'])('attributes are mapped %s', (mapping) => {
  const signInOf = async (assertion: Assertion, other = settings) => {
    const pool = givenPool(mapping, other);
    return whoIs(pool.identity, pool.signIn(assertion));
  };

  it.each<[string, Assertion['provider'], unknown, string[]]>([
    ['SAML, several values', saml, '[Platform+Admins,engineering]', ['Platform Admins', 'engineering']],
    ['SAML, with spaces', saml, '[ engineering , sales ]', ['engineering', 'sales']],
    ['SAML, commas and brackets within names', saml, '[a%2C+b,c%5B1%5D,C%2B%2B]', ['a, b', 'c[1]', 'C++']],
    ['SAML, other letters', saml, '[Gr%C3%B6%C3%9Fe]', ['Größe']],
    ['SAML, one value', saml, 'Platform Admins', ['Platform Admins']],
    ['SAML, one value stays whole', saml, 'CN=Admins,OU=Groups', ['CN=Admins,OU=Groups']],
    ['SAML, one value is not encoded', saml, 'Platform+Admins', ['Platform+Admins']],
    ['SAML, a distinguished name among several', saml, '[CN%3DAdmins%2COU%3DGroups,b]', ['CN=Admins,OU=Groups', 'b']],
    ['SAML, broken encoding of one value', saml, '[%E0%A4%A,engineering,%zz]', ['engineering']],
    ['SAML, no value', saml, '[]', []],
    ['SAML, an empty value', saml, '', []],
    ['OpenID, an array', oidc, '["Platform Admins","a, b"]', ['Platform Admins', 'a, b']],
    ['OpenID, an array that is not text', oidc, ['Platform Admins', 'a, b', 7], ['Platform Admins', 'a, b']],
    ['OpenID, one name', oidc, 'engineering', ['engineering']],
    ['OpenID, names with commas between', oidc, 'engineering, sales', ['engineering', 'sales']],
    ['OpenID, nothing is decoded', oidc, '["Platform+Admins","a%20b"]', ['Platform+Admins', 'a%20b']],
    ['OpenID, no array', oidc, '[]', []],
    ['nothing', oidc, null, []],
    ['nothing', saml, undefined, []],
  ])('%s: %o sends %j', async (_, provider, memberOf, groups) => {
    const { status, body } = await signInOf({ provider, user: 'ada', claims: { memberOf, login: 'ada' } });
    expect(status).toBe(200);
    expect(body.groups).toEqual(groups);
  });

  it.each([
    '["Platform Admins"',
    '{"groups":["Platform Admins"]}',
    '[["Platform Admins"]]',
    '[x], [Platform Admins]',
    7,
  ])('OpenID, %j yields no group', async (memberOf) => {
    const { body } = await signInOf({ provider: oidc, user: 'ada', claims: { memberOf, login: 'ada' } });
    expect(body.roles).toEqual(['member']);
  });

  it('a person whom the provider no longer lists as an admin loses the role at the next sign-in, whether the claim is empty or absent', async () => {
    for (const [provider, full, without] of [
      [saml, '[Platform+Admins,engineering]', [{}, { memberOf: '' }, { memberOf: '[]' }]],
      [oidc, '["Platform Admins"]', [{}, { memberOf: '[]' }, { memberOf: null }]],
    ] as const) {
      for (const [index, claims] of without.entries()) {
        const pool = givenPool(mapping);
        const person = { provider, user: `grace-${index}` };
        const before = await whoIs(pool.identity, pool.signIn({ ...person, claims: { memberOf: full } }));
        expect(before.body.roles).toContain('admin');
        const after = await whoIs(pool.identity, pool.signIn({ ...person, claims: { ...claims } }));
        expect(after.body).toMatchObject({ id: before.body.id, roles: ['member'], groups: [] });
      }
    }
  });

  it('an email address, its verification and a name that the provider no longer sends are removed', async () => {
    const pool = givenPool(mapping);
    const claims = { mail: 'ada@corp.example', mailVerified: 'true', login: 'ada', displayName: 'Ada' };
    const person = { provider: saml, user: 'ada' };
    const before = await whoIs(pool.identity, pool.signIn({ ...person, claims }));
    expect((await loadPerson(rules.table, before.body.id))?.email).toBe('ada@corp.example');
    pool.signIn({ ...person, claims: { mail: 'new@corp.example' } });
    expect(pool.attributesOf('Okta_ada')).not.toHaveProperty('name');
    expect(pool.attributesOf('Okta_ada')).toMatchObject({ email: 'new@corp.example', email_verified: 'false' });
    await whoIs(pool.identity, pool.signIn({ ...person, claims: {} }));
    expect(pool.attributesOf('Okta_ada')).not.toHaveProperty('email');
    expect((await loadPerson(rules.table, before.body.id))?.email).toBeUndefined();
  });

  it('a person with more groups than fit into an attribute signs in with those that grant roles', async () => {
    const many = Array.from({ length: 400 }, (_, index) => `department-${String(index).padStart(3, '0')}`);
    const memberOf = `[${[...many, 'Platform+Admins'].join(',')}]`;
    expect(memberOf.length).toBeGreaterThan(3_000);
    const { status, body } = await signInOf({ provider: saml, user: 'ada', claims: { memberOf, login: 'ada' } });
    expect(status).toBe(200);
    expect(body.roles).toContain('admin');
    expect(body.groups.slice(0, 2)).toEqual(['Platform Admins', 'department-000']);
    expect(JSON.stringify(body.groups).length).toBeLessThanOrEqual(2_048);
    expect(body.groups.length).toBeGreaterThan(100);
    expect(warnings).toEqual([
      [
        'warn',
        expect.stringContaining('signIn.groups'),
        { user: 'Okta_ada', groups: 401, skipped: 401 - body.groups.length },
      ],
    ]);
  });

  it('with groups named in the settings, only those and the groups of roles are used', async () => {
    const only = { ...settings, groups: { ...settings.groups, named: ['berth-*', 'engineering'] } };
    const memberOf = '["berth-users","engineering","engineering-leads","Platform Admins","lunch"]';
    const { body } = await signInOf({ provider: oidc, user: 'ada', claims: { memberOf, login: 'ada' } }, only);
    expect(body.groups).toEqual(['Platform Admins', 'berth-users', 'engineering']);
    expect(warnings).toEqual([]);
  });

  it('attributes that are too long fail no sign-in: a name is truncated, an email address is removed', async () => {
    const long = 'x'.repeat(3_000);
    const claims = {
      login: `ada${long}`,
      displayName: `Ada ${long}`,
      mail: `${long}@corp.example`,
      mailVerified: true,
    };
    const { status, body } = await signInOf({ provider: oidc, user: 'ada', claims });
    expect(status).toBe(200);
    expect(body.displayName).toMatch(/^Ada x{196}$/);
    expect((await loadPerson(rules.table, body.id))?.email).toBeUndefined();
  });

  it('the signed ID token takes precedence over the user-info endpoint, which adds to it', async () => {
    const { body } = await signInOf({
      provider: oidc,
      user: 'ada',
      claims: { memberOf: '["engineering"]' },
      userInfo: { memberOf: '["Platform Admins"]', login: 'ada', displayName: 'Ada Lovelace' },
    });
    expect(body).toMatchObject({ name: 'ada', displayName: 'Ada Lovelace', groups: ['engineering'] });
  });
});

describe('people are identified by the provider and its identifier', () => {
  const ada = { provider: saml, user: 'ada@corp.example', claims: { login: 'ada' } };

  it('people stay the same in a new user pool', async () => {
    const [first, second] = [givenPool('by pool name'), givenPool('by pool name')];
    const before = await whoIs(first.identity, first.signIn(ada));
    const after = await whoIs(second.identity, second.signIn(ada));
    expect(after.body).toMatchObject({ id: before.body.id, name: 'ada' });
  });

  it('a deactivated person whose profile is deleted in the pool stays deactivated when they sign in again', async () => {
    const pool = givenPool('by pool name');
    const { body } = await whoIs(pool.identity, pool.signIn(ada));
    const admin = { provider: saml, user: 'grace', claims: { memberOf: 'Platform Admins', login: 'grace' } };
    const grace = await recordSignIn(rules, await pool.identity.verify(pool.signIn(admin)));
    await deactivatePerson(rules, grace, 'ada');
    const { sub } = pool.attributesOf('Okta_ada@corp.example') ?? {};
    expect(pool.deleteProfile('Okta_ada@corp.example')).toBe(true);
    const again = await whoIs(pool.identity, pool.signIn(ada));
    expect(pool.attributesOf('Okta_ada@corp.example')?.['sub']).not.toBe(sub);
    expect(again).toMatchObject({ status: 401, body: { detail: expect.stringContaining('not active') } });
    expect((await loadPerson(rules.table, body.id))?.active).toBe(false);
  });

  it('the same identifier at another provider is another person', async () => {
    const pool = givenPool('by pool name');
    const here = await whoIs(pool.identity, pool.signIn(ada));
    const there = await whoIs(pool.identity, pool.signIn({ ...ada, provider: oidc }));
    expect(there.body.id).not.toBe(here.body.id);
  });
});
