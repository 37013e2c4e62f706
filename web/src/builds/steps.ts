import type { Step } from '../../../contracts/workspaces/builds.ts';
import { formatDuration, type Locale } from '../lib/format.ts';

type Timed = Pick<Step, 'startedAt' | 'endedAt' | 'usualMs'>;

/** Milliseconds a step took, or has taken so far. */
export const elapsedMs = ({ startedAt, endedAt }: Timed, now: Date): number =>
  Math.max(0, (endedAt === undefined ? now.getTime() : Date.parse(endedAt)) - Date.parse(startedAt));

/** `4.2s, usually 3.9s`. */
export const stepTime = (step: Timed, now: Date, locale: Locale = {}): string => {
  const taken = formatDuration(elapsedMs(step, now), locale);
  return step.usualMs === undefined ? taken : `${taken}, usually ${formatDuration(step.usualMs, locale)}`;
};

/** The bar stops here if a step takes longer than usual. */
const maxProgress = 95;

/** Elapsed time of a running step in percent of its usual duration; `undefined` if that is unknown. */
export const stepProgress = (step: Timed, now: Date): number | undefined => {
  if (step.usualMs === undefined || step.endedAt !== undefined) return undefined;
  return Math.min(maxProgress, Math.round((elapsedMs(step, now) / Math.max(1, step.usualMs)) * 100));
};

interface Announced {
  name: string;
  status: string;
  steps: readonly Pick<Step, 'title' | 'status' | 'message'>[];
}

/** The text for screen readers: the status, the running step, and its message. */
export const announcement = ({ name, status, steps }: Announced): string => {
  const running = steps.findLast((step) => step.status === 'running');
  if (running === undefined) return `${name} is ${status}.`;
  return [`${name} is ${status}: ${running.title}.`, running.message].filter(Boolean).join(' ');
};
