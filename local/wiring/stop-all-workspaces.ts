import { setTimeout as wait } from 'node:timers/promises';
import type { Log } from '../../base/log.ts';
import type { ComputeKind } from '../../core/ports/compute-kind.ts';

/**
 * Longer than any kind waits for programs to exit. An unresponsive provider must not prevent Ctrl-C from ending Berth.
 */
const defaultTimeoutMs = 30_000;

/** Workspaces to stop, by ID, and the kinds that have not listed their workspaces yet. */
interface Unstopped {
  kinds: Set<string>;
  workspaces: Set<string>;
}

/**
 * Stops the compute of every workspace. The desired state is unchanged, so the next start brings it back. Returns
 * whether every workspace stopped in time; the others are logged.
 */
export const stopAllWorkspaces = async (
  kinds: readonly ComputeKind<unknown>[],
  log: Log,
  timeoutMs = defaultTimeoutMs,
): Promise<boolean> => {
  const left: Unstopped = { kinds: new Set(kinds.map(({ name }) => name)), workspaces: new Set() };
  const deadline = new AbortController();
  const stopped = Promise.all(kinds.map((kind) => stopAll(kind, log, left, deadline.signal)));
  const timer = setTimeout(() => deadline.abort(), timeoutMs);
  await Promise.race([stopped, whenAborted(deadline.signal)]);
  clearTimeout(timer);
  if (deadline.signal.aborted) {
    log('error', 'some workspaces were not stopped in time; the next start takes them over', {
      workspaces: [...left.workspaces].join(', '),
      notListed: [...left.kinds].join(', '),
    });
  }
  return left.kinds.size === 0 && left.workspaces.size === 0;
};

const whenAborted = (signal: AbortSignal) =>
  new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));

const stopAll = async (kind: ComputeKind<unknown>, log: Log, left: Unstopped, deadline: AbortSignal) => {
  const owned: string[] = [];
  try {
    for await (const { workspaceId } of kind.listOwned()) owned.push(workspaceId);
    left.kinds.delete(kind.name);
  } catch (error) {
    // An unreachable cluster must delay neither the shutdown nor the other kinds.
    log('error', 'the workspaces of a compute kind could not be listed, so they are not stopped', {
      kind: kind.name,
      error,
    });
  }
  for (const id of owned) left.workspaces.add(id);
  await Promise.all(
    owned.map(async (id) => {
      try {
        if (await isStopped(kind, id, deadline)) left.workspaces.delete(id);
      } catch (error) {
        log('error', 'a workspace could not be stopped', { workspace: id, error });
      }
    }),
  );
};

/** Stops one workspace; returns `false` if the deadline passes first. */
const isStopped = async (kind: ComputeKind<unknown>, id: string, deadline: AbortSignal): Promise<boolean> => {
  while (!deadline.aborted) {
    const progress = await kind.stop({ id });
    if (progress.settled) return true;
    await wait(progress.again);
  }
  return false;
};
