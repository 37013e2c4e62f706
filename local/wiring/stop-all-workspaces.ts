import { setTimeout as wait } from 'node:timers/promises';
import type { Log } from '../../base/log.ts';
import type { ComputeKind } from '../../core/ports/compute-kind.ts';

/** Longer than any kind gives programs to end. A provider that does not respond must not keep Ctrl-C from ending Berth. */
const usualPatienceMs = 30_000;

/** What still has to be stopped: workspaces by id, and the kinds that have not listed their workspaces yet. */
interface Left {
  kinds: Set<string>;
  workspaces: Set<string>;
}

/**
 * Stops the compute of every workspace. The desired state is unchanged, so the next start brings it back. Returns whether
 * everything stopped; what did not stop in time is logged.
 */
export const stopAllWorkspaces = async (
  kinds: readonly ComputeKind<unknown>[],
  log: Log,
  patienceMs = usualPatienceMs,
): Promise<boolean> => {
  const left: Left = { kinds: new Set(kinds.map(({ name }) => name)), workspaces: new Set() };
  const over = new AbortController();
  const stopped = Promise.all(kinds.map((kind) => stopAll(kind, log, left, over.signal)));
  const timer = setTimeout(() => over.abort(), patienceMs);
  await Promise.race([stopped, whenAborted(over.signal)]);
  clearTimeout(timer);
  if (over.signal.aborted) {
    log('error', 'not all workspaces were stopped in time; what still runs is taken up by the next start', {
      workspaces: [...left.workspaces].join(', '),
      notListed: [...left.kinds].join(', '),
    });
  }
  return left.kinds.size === 0 && left.workspaces.size === 0;
};

const whenAborted = (signal: AbortSignal) =>
  new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));

const stopAll = async (kind: ComputeKind<unknown>, log: Log, left: Left, over: AbortSignal) => {
  const owned: string[] = [];
  try {
    for await (const { workspaceId } of kind.listOwned()) owned.push(workspaceId);
    left.kinds.delete(kind.name);
  } catch (error) {
    // An unreachable cluster must delay neither the shutdown nor the other kinds.
    log('error', 'the workspaces of a kind could not be listed, to stop them', { kind: kind.name, error });
  }
  for (const id of owned) left.workspaces.add(id);
  await Promise.all(
    owned.map(async (id) => {
      try {
        if (await isStopped(kind, id, over)) left.workspaces.delete(id);
      } catch (error) {
        log('error', 'a workspace could not be stopped', { workspace: id, error });
      }
    }),
  );
};

/** Stops one workspace; returns `false` if the deadline passes first. */
const isStopped = async (kind: ComputeKind<unknown>, id: string, over: AbortSignal): Promise<boolean> => {
  while (!over.aborted) {
    const progress = await kind.stop({ id });
    if (progress.settled) return true;
    await wait(progress.again);
  }
  return false;
};
