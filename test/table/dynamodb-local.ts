import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { CreateTableCommand, DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb';
import {
  DescribeStreamCommand,
  DynamoDBStreamsClient,
  GetRecordsCommand,
  GetShardIteratorCommand,
  ListStreamsCommand,
} from '@aws-sdk/client-dynamodb-streams';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { DynamoDBRecord } from 'aws-lambda';
import { tableDefinition } from '../../adapters/table/definition.ts';
import { optional } from '../requirements.ts';
import { freePort } from '../support/free-port.ts';

const emulator = join(
  dirname(createRequire(import.meta.url).resolve('amplify-dynamodb-simulator/package.json')),
  'emulator',
);

/** Whether `java` on the PATH is 17 or newer, which DynamoDB Local needs. */
const javaAvailable = (): boolean => {
  const { error, stderr } = spawnSync('java', ['-version'], { encoding: 'utf8' });
  if (error !== undefined) return false;
  return Number(/version "(\d+)/.exec(stderr)?.[1] ?? 0) >= 17;
};

/** For `describe.runIf`: whether a suite against DynamoDB can run. Prints a line if it cannot. */
export const dynamoAvailable = (suite: string): boolean =>
  optional(
    suite,
    javaAvailable(),
    'It needs Java 17 or newer on the PATH: `apt-get install openjdk-17-jre-headless`, `brew install openjdk`.',
  );

const end = async (child: ChildProcess): Promise<void> => {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGKILL');
  await once(child, 'exit');
};

const readStream = async (streams: DynamoDBStreamsClient, TableName: string): Promise<DynamoDBRecord[]> => {
  const { Streams = [] } = await streams.send(new ListStreamsCommand({ TableName }));
  const StreamArn = Streams[0]?.StreamArn;
  const { StreamDescription } = await streams.send(new DescribeStreamCommand({ StreamArn }));
  const shards = (StreamDescription?.Shards ?? []).map(async ({ ShardId }) => {
    const start = { StreamArn, ShardId, ShardIteratorType: 'TRIM_HORIZON' as const };
    const { ShardIterator } = await streams.send(new GetShardIteratorCommand(start));
    const { Records = [] } = await streams.send(new GetRecordsCommand({ ShardIterator }));
    return Records as DynamoDBRecord[];
  });
  return (await Promise.all(shards)).flat();
};

/** Does not use vitest's polling, which is not available in a global setup. */
const untilReady = async (dynamo: DynamoDBClient): Promise<void> => {
  for (const giveUpAt = Date.now() + 30_000; ; await pause(50)) {
    try {
      await dynamo.send(new ListTablesCommand({}));
      return;
    } catch (error) {
      if (Date.now() > giveUpAt)
        throw new Error('DynamoDB Local did not respond within 30 s of its start', { cause: error });
    }
  }
};

export interface DynamoLocal {
  /** `http://127.0.0.1:<port>`. */
  endpoint: string;
  client: DynamoDBDocumentClient;
  /** Creates a table with Berth's keys and indexes. */
  createTable(name: string): Promise<void>;
  /** The records of a table's change stream so far. */
  readStream(name: string): Promise<DynamoDBRecord[]>;
  stop(): Promise<void>;
}

/** Starts AWS's DynamoDB Local in memory as a child process and waits until it responds. */
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
  const endpoint = `http://127.0.0.1:${port}`;
  const configuration = {
    endpoint,
    region: 'local',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    maxAttempts: 1,
  };
  const dynamo = new DynamoDBClient(configuration);
  const streams = new DynamoDBStreamsClient(configuration);
  try {
    await untilReady(dynamo);
  } catch (error) {
    await end(child);
    throw error;
  }
  return {
    endpoint,
    client: DynamoDBDocumentClient.from(dynamo),
    createTable: async (name) => {
      await dynamo.send(new CreateTableCommand(tableDefinition(name)));
    },
    readStream: (name) => readStream(streams, name),
    stop: async () => {
      dynamo.destroy();
      streams.destroy();
      await end(child);
    },
  };
};
