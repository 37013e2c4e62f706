import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type SkeletonCompute, skeletonKind } from '../../../compute/skeleton/skeleton.ts';
import type { AuditEvent } from '../../../contracts/audit.ts';
import type { Client } from '../../../contracts/client/client.ts';
import type { ComputeKind, Progress } from '../../../core/ports/compute-kind.ts';
import { workspaceKey } from '../../../core/table/keys.ts';
import { versionKey } from '../../../core/templates/template-record.ts';
import { wakeForAutostart } from '../../../core/workspaces/automatic/autostart.ts';
import { autostartDue } from '../../../functions/schedule/autostart.ts';
import { sweep } from '../../../functions/schedule/sweep.ts';
import { givenBerth, givenTemplates, type TestBerth, untilStatus } from '../../support/berth.ts';

const templates = {
  plain: 'name: plain\ncompute: { kind: process }\nstop: { idleTimeout: 12h }\n',
  branch: `
name: branch
compute: { kind: process }
parameters:
  - { name: branch, type: string, ephemeral: true }
stop: { idleTimeout: 12h }
`,
  slow: 'name: slow\ncompute: { kind: skeleton }\n',
};

/** A Friday in Berlin, a quarter of an hour before fridayAndMonday. Only tests sweep. */
const friday = new Date('2026-11-20T06:45:00.000Z');
const fridayAndMonday = { days: ['fri', 'mon'], at: '08:00', timeZone: 'Europe/Berlin' } as const;
const [fridayAtEight, mondayAtEight] = ['2026-11-20T07:00:00.000Z', '2026-11-23T07:00:00.000Z'];

/** Compute whose stop waits until `isHeld` is false. */
const slow = new Map<string, SkeletonCompute>();
let isHeld: boolean;
const slowKind = (): ComputeKind<unknown> => {
  const kind = skeletonKind(slow) as ComputeKind<unknown>;
  const held: Progress = { settled: false, detail: 'Stops', again: 20 };
  return { ...kind, stop: async (workspace) => (isHeld ? held : kind.stop(workspace)) };
};

let berth: TestBerth;
let ada: Client;
let now: Date;
beforeEach(async () => {
  now = friday;
  isHeld = true;
  // Compute left by an earlier test would delay the close of this Berth, whose stops are held.
  slow.clear();
  berth = await givenBerth({
    templateFolders: [givenTemplates(templates)],
    moreKinds: [slowKind()],
    clock: () => now,
    sweepEveryMs: 3_600_000,
  });
  ada = berth.as('ada');
});
afterEach(async () => {
  isHeld = false;
  await berth.end();
});

const seen = (id: string) => ada.getWorkspace({ params: { workspace: id } });
const set = (workspace: string, fields: object = {}) =>
  ada.setAutostart({ params: { workspace }, body: { ...fridayAndMonday, days: [...fridayAndMonday.days], ...fields } });
const wake = (id: string) => wakeForAutostart(berth.runtime.rules, id);
const sweepOnce = () => sweep(berth.runtime)({ everything: false });

const givenStopped = async (template = 'plain', parameters = {}) => {
  const { id } = await ada.createWorkspace({ body: { name: 'demo', template, parameters } });
  await untilStatus(ada, id, 'running');
  await ada.stopWorkspace({ params: { workspace: id } });
  await untilStatus(ada, id, 'stopped');
  return id;
};

const auditEventsOf = async (id: string): Promise<AuditEvent[]> => {
  const { items } = await berth.runtime.rules.table.query({ pk: `audit#${id}`, limit: 100 });
  return items.map((item) => item['event'] as unknown as AuditEvent);
};

describe('an autostart', () => {
  test('is shown with its next time, in the order of the week, and audited once', async () => {
    const id = await givenStopped();
    const { version, autostart } = await set(id);
    expect(autostart).toEqual({ ...fridayAndMonday, days: ['mon', 'fri'], next: fridayAtEight });
    expect((await set('demo', { days: ['mon', 'fri'] })).version).toBe(version);
    const off = await ada.removeAutostart({ params: { workspace: id } });
    expect(off.autostart).toBeUndefined();
    expect((await ada.removeAutostart({ params: { workspace: id } })).version).toBe(off.version);
    const events = (await auditEventsOf(id)).filter(({ action }) => action === 'workspace.autostart');
    expect(events.map(({ details }) => details['autostart'])).toEqual(['mon,fri 08:00 Europe/Berlin', 'off']);
    now = new Date(fridayAtEight);
    expect(await wake(id)).toBe('gone');
  });

  test('is refused with the name of the invalid field', async () => {
    const id = await givenStopped();
    const refused = (field: string) => ({ problem: { status: 400, field } });
    await expect(set(id, { days: [] })).rejects.toMatchObject(refused('days'));
    await expect(set(id, { timeZone: 'Mars/Olympus' })).rejects.toMatchObject(refused('timeZone'));
    expect((await seen(id)).autostart).toBeUndefined();
  });

  test('is set by the owner and admins only', async () => {
    const id = await givenStopped();
    const input = { params: { workspace: id }, body: { ...fridayAndMonday, days: [...fridayAndMonday.days] } };
    await expect(berth.as('linus').setAutostart(input)).rejects.toMatchObject({ problem: { status: 404 } });
    await expect(berth.as('sam').setAutostart(input)).rejects.toMatchObject({ problem: { status: 403 } });
    await expect(berth.as('sam').removeAutostart({ params: input.params })).rejects.toMatchObject({
      problem: { status: 403 },
    });
    expect((await berth.as('grace').setAutostart(input)).autostart?.next).toBe(fridayAtEight);
  });
});

describe('when an autostart is due', () => {
  test('the system starts the workspace, and the next time is shown', async () => {
    const id = await givenStopped();
    await set(id);
    expect(await wake(id)).toBe('nothing');
    now = new Date(fridayAtEight);
    expect(await wake(id)).toBe('started');
    const running = await untilStatus(ada, id, 'running');
    expect(running).toMatchObject({ build: { number: 3, transition: 'start', reason: 'autostart' } });
    expect(running.autostart?.next).toBe(mondayAtEight);
    const start = (await auditEventsOf(id)).find(({ action }) => action === 'workspace.start');
    expect(start).toMatchObject({ actor: 'system', details: { build: 3, reason: 'autostart' } });
    expect((await ada.listBuilds({ params: { workspace: id } })).items[0]?.requestedBy).toBeUndefined();
  });

  test('the sweep starts it once when the schedule is missing', async () => {
    const id = await givenStopped();
    await set(id);
    await berth.runtime.scheduler.removeRecurring(id);
    await sweepOnce();
    expect((await seen(id)).build.number).toBe(2);
    now = new Date('2026-11-20T07:00:20.000Z');
    await sweepOnce();
    await sweepOnce();
    expect(await untilStatus(ada, id, 'running')).toMatchObject({ build: { number: 3, reason: 'autostart' } });
  });

  test('one of several concurrent wake-ups starts it', async () => {
    const id = await givenStopped();
    await set(id);
    now = new Date(fridayAtEight);
    const outcomes = await Promise.all(['a', 'b', 'c', 'd'].map(() => wake(id)));
    expect(outcomes.filter((outcome) => outcome === 'started')).toHaveLength(1);
    expect((await untilStatus(ada, id, 'running')).build.number).toBe(3);
    expect((await auditEventsOf(id)).filter(({ action }) => action === 'workspace.start')).toHaveLength(1);
  });

  test('a running workspace is left alone, and not started again when it stops a little later', async () => {
    const id = await givenStopped();
    await set(id);
    await ada.startWorkspace({ params: { workspace: id }, body: {} });
    const { version } = await untilStatus(ada, id, 'running');
    now = new Date(fridayAtEight);
    expect(await wake(id)).toBe('nothing');
    expect(await seen(id)).toMatchObject({ version, autostart: { next: mondayAtEight } });
    now = new Date('2026-11-20T07:05:00.000Z');
    await ada.stopWorkspace({ params: { workspace: id } });
    await untilStatus(ada, id, 'stopped');
    await sweepOnce();
    expect(await seen(id)).toMatchObject({ status: 'stopped', autostart: { next: mondayAtEight } });
  });

  test('a stopping workspace starts after its stop', async () => {
    const { id } = await ada.createWorkspace({ body: { name: 'demo', template: 'slow' } });
    await set(id);
    await vi.waitUntil(() => slow.has(id), { timeout: 60_000 });
    await ada.stopWorkspace({ params: { workspace: id } });
    now = new Date('2026-11-20T07:00:20.000Z');
    expect(await wake(id)).toBe('nothing');
    isHeld = false;
    await untilStatus(ada, id, 'stopped');
    await sweepOnce();
    expect((await seen(id)).build).toMatchObject({ number: 2, transition: 'start', reason: 'autostart' });
  });

  test('a start more than an hour late is skipped', async () => {
    const id = await givenStopped();
    await set(id);
    now = new Date('2026-11-20T08:00:00.001Z');
    await sweepOnce();
    expect(await seen(id)).toMatchObject({
      status: 'stopped',
      build: { number: 2 },
      autostart: { next: mondayAtEight },
    });
    now = new Date('2026-11-23T08:00:00.000Z');
    await sweepOnce();
    expect((await untilStatus(ada, id, 'running')).build.reason).toBe('autostart');
  });
});

describe('an autostart that cannot start', () => {
  test('because of a parameter required at each start is a failed build with the reason', async () => {
    const id = await givenStopped('branch', { branch: 'main' });
    await set(id);
    const started = vi.spyOn(berth.runtime.workflows, 'start');
    now = new Date(fridayAtEight);
    expect(await wake(id)).toBe('failed');
    const failed = await untilStatus(ada, id, 'failed');
    expect(failed).toMatchObject({
      build: { number: 3, transition: 'start', reason: 'autostart', status: 'failed' },
      failure: { error: 'invalid_parameter', message: expect.stringContaining('branch is required') },
      autostart: { next: mondayAtEight },
    });
    expect((await auditEventsOf(id)).slice(-2).map(({ action, outcome }) => `${action} ${outcome}`)).toEqual([
      'workspace.start success',
      'build.fail failure',
    ]);
    await sweepOnce();
    expect((await seen(id)).build.number).toBe(3);
    await ada.startWorkspace({ params: { workspace: id }, body: { parameters: { branch: 'main' } } });
    await untilStatus(ada, id, 'running');
    expect(started.mock.calls.map(([, execution]) => execution)).toEqual([`${id}-4`]);
  });

  test('because its version is missing shows the reason, and is tried again at the next time', async () => {
    const id = await givenStopped();
    await set(id);
    const key = versionKey('plain', 1);
    const version = await berth.runtime.rules.table.get(key);
    await berth.runtime.rules.table.write([{ delete: key }]);
    now = new Date('2026-11-20T07:00:20.000Z');
    await sweepOnce();
    expect((await untilStatus(ada, id, 'failed')).failure?.message).toContain('has no version 1');
    if (version !== undefined) await berth.runtime.rules.table.write([{ put: version }]);
    now = new Date('2026-11-23T07:00:20.000Z');
    await sweepOnce();
    expect((await untilStatus(ada, id, 'running')).build.number).toBe(4);
  });
});

describe('the schedule of an autostart', () => {
  const follow = () => {
    const put = vi.spyOn(berth.runtime.scheduler, 'putRecurring');
    const remove = vi.spyOn(berth.runtime.scheduler, 'removeRecurring');
    return { put, remove };
  };

  test('follows the setting, and is removed with the workspace', async () => {
    const id = await givenStopped();
    const { put, remove } = follow();
    await set(id);
    await expect.poll(() => put.mock.calls).toHaveLength(1);
    await set(id, { at: '09:00' });
    await expect.poll(() => put.mock.calls.map(([, { at }]) => at)).toEqual(['08:00', '09:00']);
    await ada.removeAutostart({ params: { workspace: id } });
    await expect.poll(() => remove.mock.calls).toEqual([[id]]);
    await set(id);
    await expect.poll(() => put.mock.calls).toHaveLength(3);
    await ada.deleteWorkspace({ params: { workspace: id } });
    await expect.poll(() => remove.mock.calls).toHaveLength(2);
    await expect(set(id)).rejects.toMatchObject({ problem: { status: 409 } });
  });

  test('that outlived its workspace is removed when it fires', async () => {
    const id = await givenStopped();
    await set(id);
    await expect.poll(() => berth.runtime.rules.table.get(workspaceKey(id))).toHaveProperty('autostart');
    await berth.runtime.rules.table.write([{ delete: workspaceKey(id) }]);
    const { remove } = follow();
    await autostartDue(berth.runtime)({ workspaceId: id });
    expect(remove).toHaveBeenCalledWith(id);
  });
});

test('a Berth that was down at that time starts the workspace when it is back', async () => {
  const id = await givenStopped();
  await set(id);
  await berth.close();
  now = new Date('2026-11-20T07:30:00.000Z');
  const again = await givenBerth({
    dataDir: berth.dataDir,
    templateFolders: [givenTemplates(templates)],
    clock: () => now,
  });
  expect((await untilStatus(again.as('ada'), id, 'running')).build.reason).toBe('autostart');
  await again.close();
  berth = { ...berth, end: async () => undefined };
});
