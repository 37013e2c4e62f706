import * as z from 'zod';
import { GitKey, Me, Person, Token } from '../people.ts';
import { ofPerson, page, pageOf, type Route } from './route.ts';

export const peopleRoutes = {
  me: {
    method: 'GET',
    path: '/api/me',
    summary: 'Get the signed-in person',
    access: 'signed-in',
    status: 200,
    response: Me,
  },
  listTokens: {
    method: 'GET',
    path: '/api/tokens',
    summary: 'List your API tokens',
    access: 'signed-in',
    query: z.strictObject(page),
    status: 200,
    response: pageOf(Token),
  },
  createToken: {
    method: 'POST',
    path: '/api/tokens',
    summary: 'Create an API token. Needs a sign-in, not another API token. The secret is returned once',
    access: 'signed-in',
    body: z.strictObject({ name: z.string().min(1).max(60), days: z.int().min(1).max(365).default(90) }),
    status: 201,
    response: Token.extend({ secret: z.string() }),
  },
  revokeToken: {
    method: 'DELETE',
    path: '/api/tokens/{token}',
    summary: 'Revoke an API token',
    access: 'signed-in',
    params: z.strictObject({ token: z.string().max(60) }),
    status: 204,
  },
  getGitKey: {
    method: 'GET',
    path: '/api/me/git-key',
    summary: 'Get the public SSH key that your workspaces use for git',
    access: 'signed-in',
    status: 200,
    response: GitKey,
  },
  makeGitKey: {
    method: 'POST',
    path: '/api/me/git-key',
    summary: 'Create or replace your git key. Without `rotate`, returns the key that exists',
    access: 'signed-in',
    body: z.strictObject({
      rotate: z
        .boolean()
        .default(false)
        .meta({ description: 'Replace the key. Running workspaces use the old one until their next start' }),
    }),
    status: 200,
    response: GitKey,
  },
  listPeople: {
    method: 'GET',
    path: '/api/people',
    summary: 'List everyone who has signed in, by name. For admins and auditors',
    access: 'signed-in',
    query: z.strictObject(page),
    status: 200,
    response: pageOf(Person),
  },
  searchPeople: {
    method: 'GET',
    path: '/api/people/search',
    summary: 'Find people to share with by the beginning of their user name or display name',
    access: 'signed-in',
    query: z.strictObject({ q: z.string().trim().min(2).max(40).meta({ description: 'At least two characters' }) }),
    status: 200,
    response: z.object({
      items: z.array(Person.pick({ id: true, name: true, displayName: true })).meta({ description: 'At most 8' }),
    }),
  },
  deactivatePerson: {
    method: 'POST',
    path: '/api/people/{person}/deactivate',
    summary: 'Deactivate a person: refuse their requests, close their sessions, stop their workspaces. For admins',
    access: 'signed-in',
    params: ofPerson,
    status: 200,
    response: Person,
  },
  activatePerson: {
    method: 'POST',
    path: '/api/people/{person}/activate',
    summary: 'Reactivate a person. For admins',
    access: 'signed-in',
    params: ofPerson,
    status: 200,
    response: Person,
  },
} as const satisfies Record<string, Route>;
