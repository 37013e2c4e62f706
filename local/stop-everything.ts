import type { ComputeKind } from '../compute/kind.ts';
import type { Log } from '../functions/runtime.ts';

/** Stops the compute of every workspace. What is desired stays as it is, so the next start brings it back. */
export const stopEverything = async (kinds: readonly ComputeKind<unknown>[], log: Log): Promise<void> => {
  await Promise.all(kinds.map((kind) => stopAll(kind, log)));
};

const stopAll = async (kind: ComputeKind<unknown>, log: Log) => {
  const owned: string[] = [];
  try {
    for await (const { workspaceId } of kind.listOwned()) owned.push(workspaceId);
  } catch (error) {
    // A cluster that cannot be reached holds up neither the end of Berth nor the other kinds.
    log('error', 'the workspaces of a kind could not be listed, to stop them', { kind: kind.name, error });
  }
  await Promise.all(
    owned.map(async (id) => {
      try {
        await stopOne(kind, id);
      } catch (error) {
        log('error', 'a workspace could not be stopped', { workspace: id, error });
      }
    }),
  );
};

const stopOne = async (kind: ComputeKind<unknown>, id: string) => {
  for (;;) {
    const progress = await kind.stop({ id });
    if (progress.settled) return;
    await new Promise((resolve) => setTimeout(resolve, progress.again));
  }
};
