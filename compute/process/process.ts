import { WorkspaceId } from '../../contracts/names.ts';
import { BerthError } from '../../core/errors.ts';
import type { Clock } from '../../core/ports.ts';
import type { ComputeKind, Observation, Progress, Run } from '../kind.ts';
import { createEnding } from './ending.ts';
import { agentEnvironment } from './environment.ts';
import { boundLog, exists, makePrivate, removeTree, sortedNames, tailOf } from './files.ts';
import { inOrder } from './in-order.ts';
import { launch } from './launch.ts';
import { type Mark, markOf } from './mark.ts';
import { type Place, placesIn } from './places.ts';
import { processesOfThisMachine } from './processes.ts';
import { processIdOf, type RunRecord, readRecord, retireRecord } from './record.ts';
import { ProcessSpec } from './spec.ts';

export interface ProcessKindOptions {
  /** Holds the homes (`homes/<id>`) and what the kind keeps for itself (`compute/<id>`). */
  dataDir: string;
  /** The agent, bundled into one file. */
  agentFile: string;
  /** The Node that runs it. */
  node: string;
  clock: Clock;
  /** How long a workspace's processes have to end by themselves. */
  graceMs?: number;
  /** The server's environment, of which a workspace gets the harmless part. */
  environment?: NodeJS.ProcessEnv;
}

const logLimit = 1024 * 1024;
const lastWordsLimit = 2_000;
const settled = (detail: string): Progress => ({ settled: true, detail });

/** A workspace as a process group of this machine, with a home of its own. */
export const processKind = (options: ProcessKindOptions) => {
  const { dataDir, agentFile, node, clock, graceMs = 3_000, environment = process.env } = options;
  const places = placesIn(dataDir);
  const processes = processesOfThisMachine();
  const ending = createEnding(processes, clock, graceMs);
  const oneAtATime = inOrder();

  const marked = (id: string): Mark => markOf(places.mark(), id);
  /** The record of the agent, if that very process runs. */
  const living = (record: RunRecord | undefined): RunRecord | undefined =>
    record !== undefined && processes.isAlive(processIdOf(record)) ? record : undefined;

  /** One step towards no process; the record goes when the last of them has. */
  const endStep = (id: string, place: Place): Progress => {
    const record = readRecord(place.record);
    const known = record === undefined ? [] : [processIdOf(record)];
    const progress = ending.step(id, { mark: marked(id), folders: [place.home, place.run], known });
    if (progress.settled) retireRecord(place.record, place.last);
    return progress;
  };

  const start = async (run: Run<ProcessSpec>, place: Place): Promise<Progress> => {
    if (!(await exists(agentFile))) {
      throw new BerthError(
        'compute_failed',
        `The agent's program ${agentFile} is missing. Start Berth again to build it.`,
      );
    }
    for (const directory of [place.home, place.run]) await makePrivate(directory);
    await removeTree(place.log);
    const mark = marked(run.workspace.id);
    const launched = await launch({
      node,
      agentFile,
      place,
      build: run.build,
      limits: run.spec.limits,
      residentKiB: mark.residentKiB,
      environment: agentEnvironment(environment, node, run, place, mark),
    });
    // By a server that was killed while it started one; the next call sees which build it was for.
    if (launched === 'taken') return { settled: false, detail: 'Another agent was just started.', again: 50 };
    return settled('The agent was started.');
  };

  const apply = async (run: Run<ProcessSpec>, place: Place): Promise<Progress> => {
    const { id } = run.workspace;
    const record = readRecord(place.record);
    const newest = Math.max(record?.buildNumber ?? 0, readRecord(place.last)?.buildNumber ?? 0);
    if (newest > run.build.number) return settled('There is a newer build; nothing was done.');
    if (living(record)?.buildId === run.build.id && !ending.isUnderWay(id)) {
      await boundLog(place.log, logLimit);
      return settled('The agent runs.');
    }
    // Without a record nothing is left of an older run: it goes last. With one, also an unfinished one, look first.
    if (await exists(place.record)) {
      const ended = endStep(id, place);
      if (!ended.settled) return ended;
    }
    return start(run, place);
  };

  const stop = async (id: string, place: Place): Promise<Progress> => {
    if (!(await exists(place.run))) return settled('It never ran.');
    const progress = endStep(id, place);
    if (progress.settled) await removeTree(place.agent);
    return progress;
  };

  const destroy = async (id: string, place: Place): Promise<Progress> => {
    const stopped = await stop(id, place);
    if (!stopped.settled) return stopped;
    await removeTree(place.home);
    await removeTree(place.run);
    return settled('Nothing is left.');
  };

  const observe = async (place: Place): Promise<Observation> => {
    const record = readRecord(place.record);
    const agent = living(record);
    if (agent !== undefined) {
      await boundLog(place.log, logLimit);
      return { state: 'running', buildId: agent.buildId, detail: `The agent runs as process ${agent.pid}.` };
    }
    if (record !== undefined) {
      const words = (await tailOf(place.log, lastWordsLimit)).trim();
      const detail = `The agent ended${words === '' ? ' without a word' : `. Its last words: ${words}`}`;
      return { state: 'failed', buildId: record.buildId, detail };
    }
    const known = (await exists(place.home)) || (await exists(place.run));
    return known ? { state: 'stopped', detail: 'No process runs; the home is kept.' } : { state: 'absent' };
  };

  return {
    name: 'process',
    spec: ProcessSpec,
    plan: ({ workspace }) => ({
      resources: [
        { type: 'process', name: `agent of ${workspace.name}`, kept: false },
        { type: 'directory', name: `home of ${workspace.name}`, kept: true },
      ],
    }),
    apply: async (run) => {
      const place = places.of(run.workspace.id);
      return oneAtATime(run.workspace.id, () => apply(run, place));
    },
    stop: async ({ id }) => {
      const place = places.of(id);
      return oneAtATime(id, () => stop(id, place));
    },
    destroy: async ({ id }) => {
      const place = places.of(id);
      return oneAtATime(id, () => destroy(id, place));
    },
    observe: async ({ id }) => observe(places.of(id)),
    async *listOwned() {
      const names = new Set([...(await sortedNames(places.homes)), ...(await sortedNames(places.runs))]);
      for (const workspaceId of names) {
        if (!WorkspaceId.safeParse(workspaceId).success) continue;
        const agent = living(readRecord(places.of(workspaceId).record));
        yield agent === undefined ? { workspaceId } : { workspaceId, buildId: agent.buildId };
      }
    },
  } satisfies ComputeKind<ProcessSpec>;
};
