import { logSanitizer, sanitizeLine } from '../../../base/sanitize.ts';
import type { BuildWithSteps, Step } from '../../../contracts/workspaces/builds.ts';
import { type Cli, connect, type Options, waitRetryMs } from '../../server/connect.ts';
import { logReader } from '../../wait/build-log.ts';
import { isActive, pause } from '../../wait/wait.ts';

interface LogsOptions extends Options {
  follow?: boolean;
  build?: number;
}

/** The requested build, or the active build, or the last start, which is what users mean by a workspace's log. */
const buildNumber = async (cli: Cli, workspace: string, requested: number | undefined): Promise<number> => {
  if (requested !== undefined) return requested;
  const { build } = await cli.client.getWorkspace({ params: { workspace } });
  if (isActive(build) || build.transition === 'start') return build.number;
  const { items } = await cli.client.listBuilds({ params: { workspace }, query: { limit: 20 } });
  return items.find(({ transition }) => transition === 'start')?.number ?? build.number;
};

type Write = (step: Step, text: string) => void;

/** Writes each step's log under the step's title, in the order of the steps. */
const toTerminal = (cli: Cli): Write => {
  const sanitizers = new Map<string, (chunk: string) => string>();
  return (step, text) => {
    const sanitize = sanitizers.get(step.name) ?? logSanitizer();
    if (!sanitizers.has(step.name)) cli.note(`── ${sanitizeLine(step.title)}`);
    sanitizers.set(step.name, sanitize);
    cli.out.write(sanitize(text));
  };
};

/** Writes the available logs of a build; with `follow`, continues until the build has ended. */
const copyLogs = async (cli: Cli, workspace: string, number: number, follow: boolean, write: Write) => {
  const params = { workspace, build: number };
  const readers = new Map<string, ReturnType<typeof logReader>>();
  const finished = new Set<string>();
  for (;;) {
    const build: BuildWithSteps = await cli.client.getBuild({ params });
    for (const step of build.steps.filter(({ hasLog, name }) => hasLog && !finished.has(name))) {
      const read = readers.get(step.name) ?? logReader(cli.client, { ...params, step: step.name });
      readers.set(step.name, read);
      const { text, done } = await read();
      if (text !== '') write(step, text);
      if (done) finished.add(step.name);
    }
    if (!follow || !isActive(build)) return build;
    await pause();
  }
};

export const logs = async (workspace: string, options: LogsOptions): Promise<void> => {
  const cli = connect(options, options.follow ? waitRetryMs : undefined);
  const number = await buildNumber(cli, workspace, options.build);
  const texts = new Map<string, string>();
  const collect: Write = ({ name }, text) => void texts.set(name, (texts.get(name) ?? '') + text);
  const write = cli.json ? collect : toTerminal(cli);
  const build = await copyLogs(cli, workspace, number, options.follow === true, write);
  if (cli.json)
    cli.print({ ...build, steps: build.steps.map((step) => ({ ...step, log: texts.get(step.name) ?? '' })) }, String);
  else if (build.failure !== undefined)
    cli.note(`\n${sanitizeLine(build.failure.message)} ${sanitizeLine(build.failure.action)}`);
};
