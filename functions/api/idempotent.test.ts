import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openSqliteTable, type SqliteTable } from '../../adapters/table/sqlite/table.ts';
import type { Route } from '../../contracts/routes/route.ts';
import type { Workspace } from '../../contracts/workspaces/workspace.ts';
import type { Change } from '../../core/ports/table.ts';
import type { Call, Handlers } from './envelope.ts';
import { bodyOf, type Once, onceFor } from './idempotent.ts';

let table: SqliteTable;
let effects: number;
beforeEach(() => {
  table = openSqliteTable(':memory:');
  effects = 0;
});
afterEach(() => table.close());

/** Something other than a workspace: the guarantee does not depend on the kind of response. */
interface Note {
  id: string;
}
const view = ({ id }: Note) => ({ note: id });

const onceWith = (key: string | undefined, body: unknown = {}): Once<{ note: string }> =>
  onceFor({
    rules: { table, clock: () => new Date('2026-11-20T10:00:00.000Z') },
    name: 'writeNote',
    person: { id: 'p-ada' },
    event: { headers: key === undefined ? {} : { 'idempotency-key': key } },
    request: { params: undefined, body },
  });

const writeNote = async (alongside: (note: Note) => Change[]): Promise<Note> => {
  effects += 1;
  const note = { id: `n${effects}` };
  await table.write([{ put: { pk: note.id, sk: 'note' } }, ...alongside(note)]);
  return note;
};

describe('an idempotent effect', () => {
  it('happens once per key, and the repeated request gets the first response', async () => {
    expect(bodyOf(await onceWith('k')(view, writeNote))).toEqual({ note: 'n1' });
    expect(bodyOf(await onceWith('k')(view, writeNote))).toEqual({ note: 'n1' });
    expect(bodyOf(await onceWith('other')(view, writeNote))).toEqual({ note: 'n2' });
    expect(effects).toBe(2);
  });

  it('is written once when two requests with one key race', async () => {
    const both = await Promise.all([onceWith('k')(view, writeNote), onceWith('k')(view, writeNote)]);
    expect(both.map(bodyOf)).toEqual([{ note: 'n1' }, { note: 'n1' }]);
    expect(await table.get({ pk: 'n2', sk: 'note' })).toBeUndefined();
  });

  it('happens with every request without a key', async () => {
    await onceWith(undefined)(view, writeNote);
    expect(bodyOf(await onceWith(undefined)(view, writeNote))).toEqual({ note: 'n2' });
  });

  it('refuses a key that was used for another request', async () => {
    await onceWith('k')(view, writeNote);
    await expect(onceWith('k', { other: true })(view, writeNote)).rejects.toMatchObject({
      name: 'idempotency_mismatch',
    });
  });

  it.each(['k', undefined])('fails if its transaction does not include `alongside` (key: %s)', async (key) => {
    const forgetful = async (_alongside: (note: Note) => Change[]) => ({ id: 'n1' });
    await expect(onceWith(key)(view, forgetful)).rejects.toThrow(TypeError);
  });
});

/** Checked by tsc alone: each statement below an expected error must not compile. */
const doesNotCompile = (call: Call<'stopWorkspace'>, plain: Call<'deleteWorkspace'>, workspace: Workspace) => {
  // @ts-expect-error An idempotent route's handler must return a response that `once` stored.
  const withoutOnce: Handlers<'stopWorkspace'> = { stopWorkspace: async () => workspace };
  // @ts-expect-error The effect must take `alongside`.
  const withoutAlongside = call.once(view, async () => ({ id: 'n1' }));
  // @ts-expect-error The stored response must be the route's.
  const otherResponse: Handlers<'stopWorkspace'> = { stopWorkspace: ({ once }) => once(view, writeNote) };
  // @ts-expect-error A route that is not idempotent has no `once`.
  const notIdempotent = plain.once;
  const route = { path: '/', summary: '', access: 'signed-in', status: 200, response: undefined as never } as const;
  const idempotent: Route = { ...route, method: 'POST', idempotent: true };
  // @ts-expect-error Only a POST is idempotent by key.
  const put: Route = { ...route, method: 'PUT', idempotent: true };
  const { response, ...empty } = route;
  // @ts-expect-error Without a response there is nothing to store.
  const withoutResponse: Route = { ...empty, method: 'POST', idempotent: true };
  // @ts-expect-error Responses are stored per person.
  const open: Route = { ...route, access: 'public', method: 'POST', idempotent: true };
  return [
    withoutOnce,
    withoutAlongside,
    otherResponse,
    notIdempotent,
    idempotent,
    put,
    response,
    withoutResponse,
    open,
  ];
};

it('cannot be omitted or misplaced, which the types guarantee', () => {
  // Vitest strips types: `npm run check` fails when one of the expected errors is missing.
  expect(doesNotCompile).toBeTypeOf('function');
});
