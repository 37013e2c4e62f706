import type { Step } from '../../contracts/workspace.ts';
import { instant } from '../instant.ts';
import { fromItem, padded, toItem } from '../item.ts';
import type { Change, Key, Table } from '../ports.ts';
import { expiryOfHistory } from './expiry.ts';

/** The steps of a build, one item each, so that workflow and gateway write them without getting in each other's way. */
export const stepKey = (workspaceId: string, number: number, name: string): Key => ({
  pk: `workspace#${workspaceId}`,
  sk: `step#${padded(number)}#${name}`,
});

/** A build has far fewer: a handful of its own and one per app. */
const maxSteps = 100;

export const loadSteps = async (table: Table, workspaceId: string, number: number): Promise<Step[]> => {
  const page = await table.query({
    pk: `workspace#${workspaceId}`,
    prefix: `step#${padded(number)}#`,
    limit: maxSteps,
  });
  return page.items.map((item) => fromItem<Step>(item));
};

export const loadStep = async (table: Table, key: Key): Promise<Step | undefined> => {
  const item = await table.get(key);
  return item && fromItem<Step>(item);
};

/** The steps that Berth itself takes, by their workflow states. */
export const stepTitles = {
  compute: 'Start compute',
  agent: 'Connect agent',
  stop: 'Stop compute',
  destroy: 'Delete compute and home',
  'clean-up': 'Clean up',
} as const;
export type OwnStep = keyof typeof stepTitles;

/** Begins or carries on a step. Repeated, it keeps its first start. */
export const beginStep = async (
  table: Table,
  build: { workspaceId: string; number: number },
  name: OwnStep,
  now: Date,
): Promise<void> => {
  const key = stepKey(build.workspaceId, build.number, name);
  const before = await loadStep(table, key);
  if (before !== undefined && before.status === 'running') return;
  const step: Step = { name, title: stepTitles[name], status: 'running', startedAt: instant(now), hasLog: false };
  await table.write([putStep(key, step)]);
};

/** Ends a step that runs; one that never began or ended already is left alone. */
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
  await table.write([putStep(key, { ...before, ...ending, endedAt: instant(now) })]);
};

export const putStep = (key: Key, step: Step): Change => ({
  put: toItem(key, { ...step, expires: expiryOfHistory(step.startedAt) }),
});
