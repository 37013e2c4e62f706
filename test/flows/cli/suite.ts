import { afterAll, beforeAll } from 'vitest';
import { givenBerth, givenTemplates, type TestBerth } from '../../support/berth.ts';
import { type Ended, runCli } from '../../support/clients/cli.ts';

const templates = {
  hello: `
name: hello
description: Says hello
parameters:
  - { name: greeting, type: string, default: hello }
  - { name: tools, type: list, default: [] }
compute: { kind: process }
agent:
  startup: |
    echo "$BERTH_PARAM_GREETING"
    printf '\\033]0;owned\\007%s\\n' "$BERTH_PARAM_TOOLS"
`,
  broken: `
name: broken
parameters:
  - { name: size, type: number, integer: true }
compute: { kind: process }
agent:
  startup: |
    echo "about to fail"
    exit 7
`,
};

/** Starts a Berth for the tests of a file. Commands run as ada, if not stated otherwise. */
export const cliSuite = () => {
  let berth: TestBerth;
  beforeAll(async () => {
    berth = await givenBerth({ templateFolders: [givenTemplates(templates)] });
  });
  afterAll(() => berth.end());

  const environment = () => ({ BERTH_URL: berth.url, BERTH_TOKEN: berth.tokenOf('ada') });
  const run = (args: string[], { env = {}, input = '' as string | Buffer } = {}): Promise<Ended> =>
    runCli(args, { ...environment(), ...env }, input);
  return {
    get berth() {
      return berth;
    },
    environment,
    run,
    runBerth: (...args: string[]) => run(args),
    runAsGrace: (...args: string[]) => run(args, { env: { BERTH_TOKEN: berth.tokenOf('grace') } }),
    /** Runs a command with --json, and returns what it printed. */
    json: async (...args: string[]) => JSON.parse((await run([...args, '--json'])).out),
  };
};
