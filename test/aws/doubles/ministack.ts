import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { CreateFunctionCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { freePort } from '../../support/free-port.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { venvPython } from './venv.ts';

const region = 'eu-central-1';
export const ministackFunctionArn = (name: string): string => `arn:aws:lambda:${region}:000000000000:function:${name}`;

export interface Ministack {
  /** Options for an SDK client of ministack. */
  client: { endpoint: string; region: string; credentials: { accessKeyId: string; secretAccessKey: string } };
  stop(): Promise<void>;
}

const untilReady = async (child: ChildProcess): Promise<void> => {
  const lines: string[] = [];
  if (child.stderr === null) throw new Error('the log of ministack is not piped');
  for await (const line of createInterface({ input: child.stderr })) {
    if (line.includes('Running on http://127.0.0.1:')) return;
    lines.push(line);
  }
  throw new Error(`ministack ended before it listened: ${lines.slice(-3).join(' ')}`);
};

/** Starts a ministack server on a free loopback port. Throws `VenvUnavailable` on a machine without Python 3. */
export const startMinistack = async (): Promise<Ministack> => {
  const python = await venvPython('ministack');
  const port = await freePort();
  const home = temporaryFolder();
  const child = spawn(python, ['-m', 'ministack.app'], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: {
      PATH: `${dirname(python)}:${process.env['PATH']}`,
      HOME: home,
      TMPDIR: home,
      BIND_HOST: '127.0.0.1',
      GATEWAY_PORT: String(port),
      MINISTACK_REGION: region,
    },
  });
  const killAtExit = () => child.kill('SIGKILL');
  process.once('exit', killAtExit);
  child.once('exit', () => process.off('exit', killAtExit));
  await untilReady(child);
  child.stderr?.resume();
  return {
    client: {
      endpoint: `http://127.0.0.1:${port}`,
      region,
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    },
    stop: async () => {
      const ended = once(child, 'exit');
      // On SIGTERM, it ends the workers of its functions; SIGKILL would leave them running.
      child.kill('SIGTERM');
      await ended;
    },
  };
};

/**
 * A custom runtime that forwards the event to the test's process (lambda.ts) and returns its outcome. With ministack's
 * Python and Node runtimes, every error is named `Runtime.HandlerError`.
 */
const bootstrap = `import os, urllib.request
runtime = 'http://' + os.environ['AWS_LAMBDA_RUNTIME_API'] + '/2018-06-01/runtime/invocation/'
event = urllib.request.urlopen(runtime + 'next')
name = os.environ['AWS_LAMBDA_FUNCTION_NAME']
result = urllib.request.urlopen(os.environ['STEPS'] + '/2015-03-31/functions/' + name + '/invocations', event.read())
outcome = 'error' if result.headers.get('x-amz-function-error') else 'response'
request = event.headers['Lambda-Runtime-Aws-Request-Id']
urllib.request.urlopen(runtime + request + '/' + outcome, result.read())
`;

/** Creates functions that forward their events to a loopback port of the test's process. */
export const createForwarders = async ({ client }: Ministack, names: string[], port: number): Promise<void> => {
  const folder = temporaryFolder();
  const python = await venvPython('ministack');
  await writeFile(join(folder, 'bootstrap'), `#!${python}\n${bootstrap}`, { mode: 0o755 });
  const file = join(folder, 'code.zip');
  await promisify(execFile)(python, ['-m', 'zipfile', '-c', file, 'bootstrap'], { cwd: folder });
  const ZipFile = await readFile(file);
  const lambda = new LambdaClient(client);
  for (const FunctionName of names) {
    await lambda.send(
      new CreateFunctionCommand({
        FunctionName,
        Runtime: 'provided.al2023',
        Handler: 'bootstrap',
        Role: 'arn:aws:iam::000000000000:role/steps',
        Code: { ZipFile },
        Timeout: 30,
        Environment: { Variables: { STEPS: `http://127.0.0.1:${port}` } },
      }),
    );
  }
};
