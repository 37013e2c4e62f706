import { randomUUID } from 'node:crypto';
import { exitCodes } from '../../io/exit-codes.ts';
import { CliError } from '../../io/failure.ts';
import { harmless } from '../../io/harmless.ts';
import { connect, type Options, waitingPatienceMs } from '../../server/connect.ts';
import { runningText } from '../../text/workspace-text.ts';
import { pause, refuseUnhealthy, writeLogEnd } from '../../wait/wait.ts';

const runOver = (name: string) =>
  new CliError(
    'wrong_state',
    harmless(
      `${name} was stopped or restarted before its startup script had ended. See what it does now: berth show ${name}`,
    ),
    exitCodes.failed,
  );

/** Runs the startup script of an unhealthy workspace again without a restart. */
export const runStartup = async (workspace: string, options: Options & { wait?: boolean }): Promise<void> => {
  const cli = connect(options, options.wait ? waitingPatienceMs : undefined);
  const asked = await cli.client.runStartup({ params: { workspace } }, { idempotencyKey: randomUUID() });
  const { name } = asked;
  if (!options.wait) {
    cli.print(asked, () => `The startup script of ${name} runs again.\n`);
    return cli.note(`See how it went with: berth show ${name}`);
  }
  cli.note(`Running the startup script of ${name} again`);
  const params = { workspace: asked.id, build: asked.build.number };
  for (;;) {
    const [build, after] = await Promise.all([
      cli.client.getBuild({ params }),
      cli.client.getWorkspace({ params: { workspace: asked.id } }),
    ]);
    if (after.status !== 'running' || after.build.number !== asked.build.number) throw runOver(name);
    const step = build.steps.find(({ name }) => name === 'startup');
    // The step and the workspace's health are written separately, so wait until they agree.
    const isTold = (step?.status === 'failed') === (after.unhealthy !== undefined);
    if (step?.status === 'running' || !isTold) {
      await pause();
      continue;
    }
    if (after.unhealthy !== undefined) await writeLogEnd(cli, name, build);
    refuseUnhealthy(after);
    return cli.print(after, () => runningText(after));
  }
};
