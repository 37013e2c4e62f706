import { afterAll, beforeAll, expect, test } from 'vitest';
import { givenBerth, type TestBerth, untilStatus } from '../../support/berth.ts';

/** The list of everyone's workspaces, which an admin reads from other indexes than their owners. */
let berth: TestBerth;
let stopped: Date | undefined;
beforeAll(async () => {
  berth = await givenBerth({ clock: () => stopped ?? new Date() });
});
afterAll(() => berth.end());

test('the list shows each workspace as its owner sees it, in order, page by page', async () => {
  const created = [];
  for (const person of ['ada', 'linus', 'ada', 'grace', 'linus'] as const) {
    const { id } = await berth.as(person).createWorkspace({ body: { name: `w${created.length}`, template: 'plain' } });
    await untilStatus(berth.as(person), id, 'running');
    created.push({ id, person });
  }
  const autostart = { days: ['mon'] as ['mon'], at: '08:30', timeZone: 'Europe/Berlin' };
  await berth.as('ada').setAutostart({ params: { workspace: created[0]?.id ?? '' }, body: autostart });
  await berth.as('ada').stopWorkspace({ params: { workspace: created[2]?.id ?? '' } });
  await untilStatus(berth.as('ada'), created[2]?.id ?? '', 'stopped');

  // Views contain times that depend on the clock.
  stopped = new Date();
  const pages = [];
  let cursor: string | undefined;
  do {
    const query = { owner: 'everyone' as const, limit: 2, ...(cursor === undefined ? {} : { cursor }) };
    const page = await berth.as('grace').listWorkspaces({ query });
    pages.push(page.items);
    cursor = page.next;
  } while (cursor !== undefined);
  expect(pages.map(({ length }) => length)).toEqual([2, 2, 1]);
  expect(pages.flat().map(({ id }) => id)).toEqual(created.map(({ id }) => id).toSorted());

  const own = await Promise.all(
    (['ada', 'linus', 'grace'] as const).map((person) => berth.as(person).listWorkspaces()),
  );
  const byId = (a: { id: string }, b: { id: string }) => (a.id < b.id ? -1 : 1);
  expect(pages.flat()).toEqual(own.flatMap(({ items }) => items).sort(byId));
});

test('the list refuses a foreign cursor', async () => {
  const query = { owner: 'everyone' as const, cursor: 'eyJsaXN0IjoiYWxsIHZtcyJ9' };
  await expect(berth.as('grace').listWorkspaces({ query })).rejects.toMatchObject({
    problem: { status: 400, field: 'cursor' },
  });
});
