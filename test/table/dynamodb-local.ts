import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { type AddressInfo, createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { CreateTableCommand, DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { vi } from 'vitest';
import { tableDefinition } from '../../adapters/table/definition.ts';
import { optional } from '../requirements.ts';

const emulator = join(
  dirname(createRequire(import.meta.url).resolve('amplify-dynamodb-simulator/package.json')),
  'emulator',
);

/** Whether `java` on the PATH is 17 or newer, which DynamoDB Local needs. */
export const javaAvailable = (): boolean => {
  const { error, stderr } = spawnSync('java', ['-version'], { encoding: 'utf8' });
  if (error !== undefined) return false;
  return Number(/version "(\d+)/.exec(stderr)?.[1] ?? 0) >= 17;
};

/** For `describe.runIf`: whether a suite against DynamoDB can run; says so in a line when it cannot. */
export const dynamoAvailable = (suite: string): boolean =>
  optional(
    suite,
    javaAvailable(),
    'It needs Java 17 or newer on the PATH: `apt-get install openjdk-17-jre-headless`, `brew install openjdk`.',
  );

const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
};

const end = async (child: ChildProcess): Promise<void> => {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGKILL');
  await once(child, 'exit');
};

export interface DynamoLocal {
  client: DynamoDBDocumentClient;
  /** Makes a table of Berth's shape. */
  createTable(name: string): Promise<void>;
  stop(): Promise<void>;
}

/** Starts AWS's DynamoDB Local in memory as a child process and waits until it answers. */
export const startDynamoLocal = async (): Promise<DynamoLocal> => {
  const port = await freePort();
  const child = spawn(
    'java',
    [
      '-Xmx512m',
      '-XX:+UseSerialGC',
      `-Djava.library.path=${join(emulator, 'DynamoDBLocal_lib')}`,
      '-jar',
      join(emulator, 'DynamoDBLocal.jar'),
      '-inMemory',
      '-disableTelemetry',
      '-port',
      String(port),
    ],
    { cwd: emulator, stdio: 'ignore', env: { ...process.env, DDB_LOCAL_TELEMETRY: '0' } },
  );
  const killAtExit = () => child.kill('SIGKILL');
  process.once('exit', killAtExit);
  child.once('exit', () => process.off('exit', killAtExit));
  const dynamo = new DynamoDBClient({
    endpoint: `http://127.0.0.1:${port}`,
    region: 'local',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    maxAttempts: 1,
  });
  try {
    await vi.waitFor(() => dynamo.send(new ListTablesCommand({})), { timeout: 30_000, interval: 50 });
  } catch (error) {
    await end(child);
    throw new Error('DynamoDB Local did not answer within 30 s of its start', { cause: error });
  }
  return {
    client: DynamoDBDocumentClient.from(dynamo),
    createTable: async (name) => {
      await dynamo.send(new CreateTableCommand(tableDefinition(name)));
    },
    stop: async () => {
      dynamo.destroy();
      await end(child);
    },
  };
};
