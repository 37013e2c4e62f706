import { ApiError } from '../contracts/calls.ts';
import { ErrorName } from '../contracts/errors.ts';
import type { BuildWithSteps, Failure, Workspace } from '../contracts/workspace.ts';
import { logReader } from './build-log.ts';
import type { Cli } from './connect.ts';
import { exitCodes } from './exit-codes.ts';
import { CliError } from './failure.ts';
import { harmless, logFilter } from './harmless.ts';
import { stepWriter } from './progress.ts';

const pollMs = 300;
const lastLines = 10;

export const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, pollMs));

/** `undefined` for what is not there any more. */
export const orGone = async <T>(found: Promise<T>): Promise<T | undefined> => {
  try {
    return await found;
  } catch (error) {
    if (error instanceof ApiError && error.error === 'not_found') return undefined;
    throw error;
  }
};

export const isActive = ({ status }: { status: string }): boolean => status === 'pending' || status === 'running';

/** It is what it is wanted to be, or failed to become it. */
const isAtRest = ({ status, desired, build }: Workspace): boolean =>
  !isActive(build) && (status === 'failed' || status === desired);

const writeLogEnd = async (cli: Cli, workspace: string, build: BuildWithSteps): Promise<void> => {
  const failed = build.steps.findLast(({ status, hasLog }) => status === 'failed' && hasLog);
  if (failed === undefined) return;
  const read = logReader(cli.client, { workspace, build: build.number, step: failed.name });
  const lines = logFilter()((await read()).text)
    .trimEnd()
    .split('\n');
  const shown = lines.slice(-lastLines);
  cli.note(
    `\nThe end of its log${lines.length > shown.length ? ` (all of it: berth logs ${workspace} --build ${build.number})` : ''}:`,
  );
  for (const line of shown) cli.note(`  │ ${line}`);
  cli.note('');
};

const buildFailed = ({ error, message, action }: Failure): CliError =>
  new CliError(ErrorName.catch('internal').parse(error), harmless(`${message} ${action}`), exitCodes.buildFailed);

/** Who leaves by Ctrl-C ends the waiting alone, which nobody knows who is not told. Answers what ends this. */
const tellWhoLeaves = (cli: Cli, name: string): (() => void) => {
  const tell = () => {
    cli.note(`\nBerth goes on without you. See how it went with: berth show ${name}`);
    process.kill(process.pid, 'SIGINT');
  };
  process.once('SIGINT', tell);
  return () => process.removeListener('SIGINT', tell);
};

const untilAtRest = async (
  cli: Cli,
  { id, name }: Pick<Workspace, 'id' | 'name'>,
  wanted: Workspace['desired'],
): Promise<Workspace | undefined> => {
  const write = stepWriter(cli.err);
  for (;;) {
    const workspace = await orGone(cli.client.getWorkspace({ params: { workspace: id } }));
    if (workspace === undefined) {
      if (wanted === 'deleted') return undefined;
      throw new CliError('not_found', `${name} was deleted meanwhile.`, exitCodes.notFound);
    }
    const { number } = workspace.build;
    const build = await orGone(cli.client.getBuild({ params: { workspace: id, build: number } }));
    if (build !== undefined && !cli.json) write(number, build.steps);
    if (!isAtRest(workspace)) {
      await pause();
      continue;
    }
    if (workspace.status === wanted) return wanted === 'deleted' ? undefined : workspace;
    if (build !== undefined) await writeLogEnd(cli, name, build);
    const failure = workspace.failure ?? build?.failure;
    if (workspace.status === 'failed' && failure !== undefined) throw buildFailed(failure);
    throw buildFailed({
      error: 'build_canceled',
      message: `${name} is ${workspace.status}, not ${wanted}: somebody wanted it otherwise meanwhile.`,
      action: `Look at it with "berth show ${name}".`,
    });
  }
};

/**
 * Waits until a workspace is at rest, and writes each step of its builds meanwhile. Throws when it then is not as it
 * was wanted; `undefined` once it is deleted.
 */
export const waitForWorkspace = async (
  cli: Cli,
  workspace: Pick<Workspace, 'id' | 'name'>,
  wanted: Workspace['desired'],
): Promise<Workspace | undefined> => {
  const stay = tellWhoLeaves(cli, workspace.name);
  try {
    return await untilAtRest(cli, workspace, wanted);
  } finally {
    stay();
  }
};
