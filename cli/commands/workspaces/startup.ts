import { randomUUID } from 'node:crypto';
import { sanitizeLine } from '../../../base/sanitize.ts';
import { CliError } from '../../io/errors.ts';
import { exitCodes } from '../../io/exit-codes.ts';
import { connect, type Options, waitRetryMs } from '../../server/connect.ts';
import { runningText } from '../../text/workspace-text.ts';
import { pause, throwIfUnhealthy, writeLogEnd } from '../../wait/wait.ts';

const interruptedError = (name: string) =>
  new CliError(
    'wrong_state',
    sanitizeLine(
      `${name} was stopped or restarted before its startup script ended. Check its status with: berth show ${name}`,
    ),
    exitCodes.failed,
  );

/** Runs the startup script of an unhealthy workspace again without a restart. */
export const runStartup = async (workspace: string, options: Options & { wait?: boolean }): Promise<void> => {
  const cli = connect(options, options.wait ? waitRetryMs : undefined);
  const requested = await cli.client.runStartup({ params: { workspace } }, { idempotencyKey: randomUUID() });
  const { name } = requested;
  if (!options.wait) {
    cli.print(requested, () => `The startup script of ${name} is running again.\n`);
    return cli.note(`Check the result with: berth show ${name}`);
  }
  cli.note(`Running the startup script of ${name} again`);
  const params = { workspace: requested.id, build: requested.build.number };
  for (;;) {
    const [build, after] = await Promise.all([
      cli.client.getBuild({ params }),
      cli.client.getWorkspace({ params: { workspace: requested.id } }),
    ]);
    if (after.status !== 'running' || after.build.number !== requested.build.number) throw interruptedError(name);
    const step = build.steps.find(({ name }) => name === 'startup');
    // The step and the workspace's health are written separately, so wait until they agree.
    const isConsistent = (step?.status === 'failed') === (after.unhealthy !== undefined);
    if (step?.status === 'running' || !isConsistent) {
      await pause();
      continue;
    }
    if (after.unhealthy !== undefined) await writeLogEnd(cli, name, build);
    throwIfUnhealthy(after);
    return cli.print(after, () => runningText(after));
  }
};
