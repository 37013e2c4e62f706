import type { Step } from '../../../contracts/workspaces/builds.ts';
import { instant } from '../../instant.ts';
import { type Change, type Key, type Table, WriteConflict } from '../../ports/table.ts';
import type { Rules } from '../../rules.ts';
import { padded } from '../../table/item.ts';
import { ItemKind } from '../../table/item-kind.ts';
import { expiryOfHistory } from './expiry.ts';

export const stepItems = new ItemKind<Step>('step', {
  name: 'string',
  title: 'string',
  status: 'string',
  startedAt: 'string',
});

/** The steps of a build, one item each, so that the writes of workflow and gateway do not conflict. */
export const stepKey = (workspaceId: string, number: number, name: string): Key => ({
  pk: `workspace#${workspaceId}`,
  sk: `step#${padded(number)}#${name}`,
});

/** A build has far fewer: a handful of its own and one per app. */
const maxSteps = 100;

export const loadSteps = async (
  { table, log }: Pick<Rules, 'table' | 'log'>,
  workspaceId: string,
  number: number,
): Promise<Step[]> => {
  const page = await table.query({
    pk: `workspace#${workspaceId}`,
    prefix: `step#${padded(number)}#`,
    limit: maxSteps,
  });
  return stepItems.readList(page.items, log);
};

export const loadStep = async (table: Table, key: Key): Promise<Step | undefined> => {
  const item = await table.get(key);
  return item && stepItems.read(item);
};

/** The steps that Berth itself performs, by their workflow states. */
const stepTitles = {
  compute: 'Start compute',
  agent: 'Connect agent',
  stop: 'Stop compute',
  destroy: 'Delete compute and home',
  'clean-up': 'Clean up',
} as const;
type OwnStep = keyof typeof stepTitles;

/** Begins or continues a step, and returns it. A repeated call keeps the first start time. */
export const beginStep = async (
  table: Table,
  build: { workspaceId: string; number: number },
  name: OwnStep,
  now: Date,
): Promise<Step> => {
  const key = stepKey(build.workspaceId, build.number, name);
  const before = await loadStep(table, key);
  if (before !== undefined && before.status === 'running') return before;
  const step: Step = { name, title: stepTitles[name], status: 'running', startedAt: instant(now), hasLog: false };
  await table.write([putStep(key, step)]);
  return step;
};

/** Replaces the message of a running step: what it does or waits for. A step that has ended is not changed. */
export const noteStep = async (
  table: Table,
  build: { workspaceId: string; number: number },
  name: OwnStep,
  message: string,
): Promise<void> => {
  const key = stepKey(build.workspaceId, build.number, name);
  const before = await loadStep(table, key);
  if (before === undefined || before.status !== 'running' || before.message === message) return;
  try {
    await table.write([{ ...putStep(key, { ...before, message }), when: { equals: { status: 'running' } } }]);
  } catch (error) {
    if (!(error instanceof WriteConflict)) throw error;
  }
};

/** Ends a running step and removes its message; a step that never began or has ended is not changed. */
export const endStep = async (
  table: Table,
  build: { workspaceId: string; number: number },
  name: string,
  ending: { status: 'succeeded' | 'failed'; message?: string },
  now: Date,
): Promise<void> => {
  const key = stepKey(build.workspaceId, build.number, name);
  const before = await loadStep(table, key);
  if (before === undefined || before.status !== 'running') return;
  const { message: _, ...rest } = before;
  await table.write([putStep(key, { ...rest, ...ending, endedAt: instant(now) })]);
};

export const putStep = (key: Key, step: Step): Change => ({
  put: stepItems.item(key, { ...step, expires: expiryOfHistory(step.startedAt) }),
});
