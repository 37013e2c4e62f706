import { WorkspaceId } from '../../contracts/values/names.ts';
import { BerthError } from '../../core/errors.ts';
import type { Clock } from '../../core/ports/clock.ts';
import type { ComputeKind, Observation, Progress, Quarantine, Run } from '../../core/ports/compute-kind.ts';
import { again, settled } from '../progress.ts';
import { openDataDirectories, type WorkspacePaths } from './data/directories.ts';
import { exists, makePrivateDirectory, readTail, removeTree, sortedNames, truncateLog } from './data/file-system.ts';
import { readKnownAs, readQuarantine, writeKnownAs, writeQuarantine } from './data/home-records.ts';
import { processIdOf, type RunRecord, readRunRecord, retireRunRecord } from './data/run-record.ts';
import { agentEnvironment } from './environment.ts';
import { launch } from './launch.ts';
import { linuxProcesses } from './processes/linux.ts';
import { type ProcessMark, processMark } from './processes/process-mark.ts';
import { psProcesses } from './processes/ps.ts';
import { createTermination } from './processes/termination.ts';
import { serializeByKey } from './serialize-by-key.ts';
import { ProcessSpec } from './spec.ts';

export interface ProcessKindOptions {
  /** Contains the homes (`homes/<id>`) and this kind's own files (`compute/<id>`). */
  dataDir: string;
  /** The agent, bundled into one file. */
  agentFile: string;
  /** The Node executable that runs the agent. */
  node: string;
  clock: Clock;
  /** The grace period between SIGTERM and SIGKILL. */
  graceMs?: number;
  /** The server's environment, of which a workspace inherits an allowlist (environment.ts). */
  environment?: NodeJS.ProcessEnv;
}

const logLimit = 1024 * 1024;
const lastOutputLimit = 2_000;

/** A workspace as processes of this machine, with a home of its own. */
export const processKind = (options: ProcessKindOptions) => {
  const { dataDir, agentFile, node, clock, graceMs = 3_000, environment = process.env } = options;
  const directories = openDataDirectories(dataDir);
  const processes = process.platform === 'linux' ? linuxProcesses() : psProcesses();
  const ending = createTermination(processes, clock, graceMs);
  const oneAtATime = serializeByKey();

  const marked = (id: string): ProcessMark => processMark(directories.mark(), id);
  /** The record, if its process is still running. */
  const living = (record: RunRecord | undefined): RunRecord | undefined =>
    record !== undefined && processes.isAlive(processIdOf(record)) ? record : undefined;

  /** Advances the end of all processes. Retires the run record once none is left. */
  const terminate = (id: string, paths: WorkspacePaths): Progress => {
    const record = readRunRecord(paths.record);
    const known = record === undefined ? [] : [processIdOf(record)];
    const progress = ending.step(id, { mark: marked(id), folders: [paths.home, paths.run], known });
    if (progress.settled) retireRunRecord(paths.record, paths.last);
    return progress;
  };

  const start = async (run: Run<ProcessSpec>, paths: WorkspacePaths): Promise<Progress> => {
    if (!(await exists(agentFile))) {
      throw new BerthError('compute_failed', `The agent's program ${agentFile} is missing.`, {
        remedy: 'Restart Berth to build it.',
      });
    }
    for (const directory of [paths.home, paths.run]) await makePrivateDirectory(directory);
    for (const old of [paths.log, paths.quarantine]) await removeTree(old);
    writeKnownAs(paths.knownAs, run);
    const mark = marked(run.workspace.id);
    const launched = await launch({
      node,
      agentFile,
      paths,
      build: run.build,
      limits: run.spec.limits,
      residentKiB: mark.residentKiB,
      environment: agentEnvironment(environment, node, run, paths, mark),
    });
    // A server that was killed had just started an agent; the next call sees for which build.
    if (launched === 'taken') return again('Another agent was just started.', 50);
    return settled('The agent was started.');
  };

  const apply = async (run: Run<ProcessSpec>, paths: WorkspacePaths): Promise<Progress> => {
    const { id } = run.workspace;
    const record = readRunRecord(paths.record);
    const newest = Math.max(record?.buildNumber ?? 0, readRunRecord(paths.last)?.buildNumber ?? 0);
    if (newest > run.build.number) return settled('Nothing was done, because there is a newer build.');
    if (living(record)?.buildId === run.build.id && !ending.isUnderWay(id)) {
      await truncateLog(paths.log, logLimit);
      return settled('The agent is running.');
    }
    // The record is removed last: without one, nothing is left of an older run. With one, even incomplete, end the
    // older run first.
    if (await exists(paths.record)) {
      const ended = terminate(id, paths);
      if (!ended.settled) return ended;
    }
    return start(run, paths);
  };

  const stop = async (id: string, paths: WorkspacePaths): Promise<Progress> => {
    if (!(await exists(paths.run))) return settled('The workspace never ran.');
    const progress = terminate(id, paths);
    if (progress.settled) await removeTree(paths.agent);
    return progress;
  };

  const destroy = async (id: string, paths: WorkspacePaths): Promise<Progress> => {
    const stopped = await stop(id, paths);
    if (!stopped.settled) return stopped;
    await removeTree(paths.home);
    await removeTree(paths.run);
    return settled('Nothing is left.');
  };

  const quarantine = async (id: string, paths: WorkspacePaths, mark: Quarantine): Promise<Progress> => {
    const stopped = await stop(id, paths);
    if (!stopped.settled) return stopped;
    if (!(await exists(paths.home))) {
      await removeTree(paths.run);
      return settled('No home existed.');
    }
    await makePrivateDirectory(paths.run);
    writeQuarantine(paths.quarantine, mark);
    return settled(`No process is running. The home ${paths.home} is kept.`);
  };

  const observe = async (paths: WorkspacePaths): Promise<Observation> => {
    const record = readRunRecord(paths.record);
    const agent = living(record);
    if (agent !== undefined) {
      await truncateLog(paths.log, logLimit);
      return { state: 'running', buildId: agent.buildId, detail: `The agent is running as process ${agent.pid}.` };
    }
    if (record !== undefined) {
      const lastOutput = (await readTail(paths.log, lastOutputLimit)).trim();
      const detail = `The agent ended${lastOutput === '' ? ' without output' : `. Its last output: ${lastOutput}`}`;
      return { state: 'failed', buildId: record.buildId, detail };
    }
    const known = (await exists(paths.home)) || (await exists(paths.run));
    return known ? { state: 'stopped', detail: 'No process is running. The home is kept.' } : { state: 'absent' };
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
      const paths = directories.of(run.workspace.id);
      return oneAtATime(run.workspace.id, () => apply(run, paths));
    },
    stop: async ({ id }) => {
      const paths = directories.of(id);
      return oneAtATime(id, () => stop(id, paths));
    },
    destroy: async ({ workspaceId }) => {
      const paths = directories.of(workspaceId);
      return oneAtATime(workspaceId, () => destroy(workspaceId, paths));
    },
    quarantine: async ({ id }, mark) => {
      const paths = directories.of(id);
      return oneAtATime(id, () => quarantine(id, paths, mark));
    },
    observe: async ({ id }) => observe(directories.of(id)),
    async *listOwned() {
      const names = new Set([...(await sortedNames(directories.homes)), ...(await sortedNames(directories.runs))]);
      for (const workspaceId of names) {
        if (!WorkspaceId.safeParse(workspaceId).success) continue;
        const paths = directories.of(workspaceId);
        const agent = living(readRunRecord(paths.record));
        const mark = readQuarantine(paths.quarantine);
        yield {
          workspaceId,
          ...(agent === undefined ? {} : { buildId: agent.buildId }),
          ...(mark === undefined ? {} : { quarantine: mark }),
          knownAs: readKnownAs(paths.knownAs),
        };
      }
    },
  } satisfies ComputeKind<ProcessSpec>;
};
