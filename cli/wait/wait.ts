import { logSanitizer, sanitizeLine } from '../../base/sanitize.ts';
import { ApiError } from '../../contracts/client/calls.ts';
import { ErrorName } from '../../contracts/errors/problem.ts';
import type { BuildWithSteps, Failure } from '../../contracts/workspaces/builds.ts';
import type { Workspace } from '../../contracts/workspaces/workspace.ts';
import { CliError } from '../io/errors.ts';
import { exitCodes } from '../io/exit-codes.ts';
import type { Cli } from '../server/connect.ts';
import { logReader } from './build-log.ts';
import { stepWriter } from './progress.ts';

export const pollMs = 300;
const lastLines = 10;

export const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, pollMs));

/** Returns `undefined` if the server responds with `not_found`. */
const undefinedIfNotFound = async <T>(found: Promise<T>): Promise<T | undefined> => {
  try {
    return await found;
  } catch (error) {
    if (error instanceof ApiError && error.error === 'not_found') return undefined;
    throw error;
  }
};

export const isActive = ({ status }: { status: string }): boolean => status === 'pending' || status === 'running';

/** Whether the workspace is in its desired state or failed to reach it. */
const isSettled = ({ status, desired, build }: Workspace): boolean =>
  !isActive(build) && (status === 'failed' || status === desired);

export const writeLogEnd = async (cli: Cli, workspace: string, build: BuildWithSteps): Promise<void> => {
  const failed = build.steps.findLast(({ status, hasLog }) => status === 'failed' && hasLog);
  if (failed === undefined) return;
  const read = logReader(cli.client, { workspace, build: build.number, step: failed.name });
  const lines = logSanitizer()((await read()).text)
    .trimEnd()
    .split('\n');
  const shown = lines.slice(-lastLines);
  cli.note(
    `\nEnd of the log${lines.length > shown.length ? ` (full log: berth logs ${workspace} --build ${build.number})` : ''}:`,
  );
  for (const line of shown) cli.note(`  │ ${line}`);
  cli.note('');
};

/**
 * A step such as dotfiles or git can fail while the workspace keeps running. The start then has neither failed nor
 * fully succeeded, so this reports the step and sets a separate exit code. Apps are skipped, because their health is
 * reported.
 */
const reportFailedStep = async (cli: Cli, workspace: string, build: BuildWithSteps | undefined): Promise<void> => {
  const failed = build?.steps.find(({ name, status }) => status === 'failed' && !name.startsWith('app-'));
  if (build === undefined || failed === undefined) return;
  cli.note(sanitizeLine(`${failed.title} failed: ${failed.message ?? 'see its log.'}`));
  if (failed.hasLog) cli.note(`Show its log with: berth logs ${workspace} --build ${build.number}`);
  process.exitCode = exitCodes.stepFailed;
};

const buildFailed = ({ error, message, action }: Failure): CliError =>
  new CliError(ErrorName.catch('internal').parse(error), sanitizeLine(`${message} ${action}`), exitCodes.buildFailed);

/** On Ctrl-C, explains that only the wait ends and the build continues. Returns a function that removes the handler. */
const explainOnInterrupt = (cli: Cli, name: string): (() => void) => {
  const explain = () => {
    cli.note(`\nThe build continues. Check its status with: berth show ${name}`);
    process.kill(process.pid, 'SIGINT');
  };
  process.once('SIGINT', explain);
  return () => process.removeListener('SIGINT', explain);
};

/** Throws if the workspace is unhealthy: `--wait` reports that as a failure, with the remedy that it names. */
export const throwIfUnhealthy = ({ unhealthy }: Workspace): void => {
  if (unhealthy !== undefined) throw buildFailed(unhealthy);
};

type WriteSteps = (workspace: Workspace) => Promise<BuildWithSteps | undefined>;

/** Returns a function that reads the current build of a workspace and writes what is new in its steps. */
const readAndWriteSteps = (cli: Cli): WriteSteps => {
  const write = stepWriter(cli.err);
  return async ({ id, build: { number } }) => {
    const build = await undefinedIfNotFound(cli.client.getBuild({ params: { workspace: id, build: number } }));
    if (build !== undefined && !cli.json) write(number, build.steps);
    return build;
  };
};

/**
 * Waits until the first health check of every app is complete, and reports the unhealthy apps. They are not an error,
 * because some apps, such as a dev server, are started by hand.
 */
const untilUsable = async (cli: Cli, running: Workspace, writeSteps: WriteSteps): Promise<Workspace> => {
  throwIfUnhealthy(running);
  let workspace = running;
  while (workspace.status === 'running' && workspace.apps.some(({ health }) => health === 'starting')) {
    await pause();
    workspace = await cli.client.getWorkspace({ params: { workspace: running.id } });
    await writeSteps(workspace);
  }
  for (const { name, health, problem } of workspace.apps) {
    if (health !== 'healthy') cli.note(sanitizeLine(`The app ${name} is not healthy yet. ${problem ?? ''}`.trim()));
  }
  return workspace;
};

const untilSettled = async (
  cli: Cli,
  { id, name }: Pick<Workspace, 'id' | 'name'>,
  target: Workspace['desired'],
  usable: boolean,
): Promise<Workspace | undefined> => {
  const writeSteps = readAndWriteSteps(cli);
  for (;;) {
    const workspace = await undefinedIfNotFound(cli.client.getWorkspace({ params: { workspace: id } }));
    if (workspace === undefined) {
      if (target === 'deleted') return undefined;
      throw new CliError('not_found', `${name} was deleted in the meantime.`, exitCodes.notFound);
    }
    const build = await writeSteps(workspace);
    if (!isSettled(workspace)) {
      await pause();
      continue;
    }
    if (workspace.status === target && target === 'running' && usable) {
      if (workspace.unhealthy === undefined || build === undefined) await reportFailedStep(cli, name, build);
      else await writeLogEnd(cli, name, build);
      return untilUsable(cli, workspace, writeSteps);
    }
    if (workspace.status === target) return target === 'deleted' ? undefined : workspace;
    if (build !== undefined) await writeLogEnd(cli, name, build);
    const failure = workspace.failure ?? build?.failure;
    if (workspace.status === 'failed' && failure !== undefined) throw buildFailed(failure);
    throw buildFailed({
      error: 'build_canceled',
      message: `${name} is ${workspace.status}, not ${target}, because another request changed it in the meantime.`,
      action: `Check its status with: berth show ${name}`,
    });
  }
};

/**
 * Waits until a workspace is settled, and writes the steps of its builds meanwhile. Throws if the workspace did not
 * reach the `target` state; returns `undefined` once it is deleted. With `usable`, also waits for the first health
 * check of every app and throws if the workspace is unhealthy.
 */
export const waitForWorkspace = async (
  cli: Cli,
  workspace: Pick<Workspace, 'id' | 'name'>,
  target: Workspace['desired'],
  { usable = true }: { usable?: boolean } = {},
): Promise<Workspace | undefined> => {
  const stopExplaining = explainOnInterrupt(cli, workspace.name);
  try {
    return await untilSettled(cli, workspace, target, usable);
  } finally {
    stopExplaining();
  }
};
