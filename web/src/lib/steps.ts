import type { Step } from '../../../contracts/workspace.ts';
import { duration, type Locale } from './format.ts';

type Timed = Pick<Step, 'startedAt' | 'endedAt' | 'usualMs'>;

/** Milliseconds a step has taken, up to now while it runs. */
export const elapsedMs = ({ startedAt, endedAt }: Timed, now: Date): number =>
  Math.max(0, (endedAt === undefined ? now.getTime() : Date.parse(endedAt)) - Date.parse(startedAt));

/** `4.2s, usually 3.9s`. */
export const stepTime = (step: Timed, now: Date, locale: Locale = {}): string => {
  const taken = duration(elapsedMs(step, now), locale);
  return step.usualMs === undefined ? taken : `${taken}, usually ${duration(step.usualMs, locale)}`;
};

/** A bar that waits before its end for a step that takes longer than usual. */
const nearlyAll = 95;

/** How far a running step is, in percent of its usual time; `undefined` when that is not known. */
export const stepProgress = (step: Timed, now: Date): number | undefined => {
  if (step.usualMs === undefined || step.endedAt !== undefined) return undefined;
  return Math.min(nearlyAll, Math.round((elapsedMs(step, now) / Math.max(1, step.usualMs)) * 100));
};

interface Announced {
  name: string;
  status: string;
  steps: readonly Pick<Step, 'title' | 'status'>[];
}

/** What a screen reader is told: the state, and the step it is at. */
export const announcement = ({ name, status, steps }: Announced): string => {
  const running = steps.findLast((step) => step.status === 'running');
  return running === undefined ? `${name} is ${status}.` : `${name} is ${status}: ${running.title}.`;
};
