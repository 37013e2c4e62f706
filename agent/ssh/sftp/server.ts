import type { ServerChannel } from 'ssh2';
import { Output } from '../output.ts';
import { createExtensions, offered } from './extensions.ts';
import type { Handles } from './handles.ts';
import { answer, ask, BrokenPacket, packetsOf, Reader } from './packets.ts';
import { createRequests, type Serve } from './requests.ts';
import { failureOf, status } from './status.ts';

/** Reads and writes under way at a time: as many as OpenSSH's clients ask for. */
const atOnce = 64;

const isTransfer = (type: number): boolean => type === ask.read || type === ask.write;

/** Answers a request by what it says. */
const createAnswers = (home: string, handles: Handles) => {
  const requests = createRequests(home, handles);
  const extensions = new Map<string, Serve>(Object.entries(createExtensions(home, handles)));
  return async (type: number, reader: Reader): Promise<Buffer> => {
    if (type === ask.init) return answer.version(offered);
    const id = reader.uint32();
    const request = type === ask.extended ? extensions.get(reader.text()) : requests[type];
    if (request === undefined) return answer.status(id, status.unsupported, 'This server does not know the request.');
    try {
      return (await request(id, reader)) ?? answer.status(id, status.ok, 'Success');
    } catch (thrown) {
      const { code, message } = failureOf(thrown);
      return answer.status(id, code, message);
    }
  };
};

/**
 * An SFTP server, version 3 with OpenSSH's extensions, which its clients (sftp, scp) are quicker with and which that of
 * ssh2 has none of. Reads and writes run side by side, everything else waits for what was asked before it, and answers
 * keep the order of the requests: OpenSSH's sftp 9.2 cuts a file off where one came too early.
 */
export const serveSftp = async (
  channel: ServerChannel,
  handles: Handles,
  { home, input }: { home: string; input: () => void },
): Promise<void> => {
  const answerTo = createAnswers(home, handles);
  const output = new Output(channel);
  /** In the order in which they were asked. */
  const running: Promise<unknown>[] = [];

  /** Nothing of a client that broke the protocol can be understood any more. */
  const broken = (thrown: unknown): void => {
    if (!(thrown instanceof BrokenPacket)) console.error(`berth-agent: sftp failed: ${String(thrown)}`);
    output.exit(1);
    channel.close();
  };
  const begin = async (packet: Buffer): Promise<void> => {
    input();
    const reader = new Reader(packet);
    const type = reader.byte();
    const before = running.at(-1);
    if (!isTransfer(type)) await before;
    const done = answerTo(type, reader)
      .then(async (bytes) => {
        await before;
        await output.send(bytes);
      }, broken)
      .finally(() => void running.shift());
    running.push(done);
    if (!isTransfer(type)) await done;
    else if (running.length >= atOnce) await running[0];
  };

  try {
    for await (const packet of packetsOf(channel)) await begin(packet);
    await running.at(-1);
    output.exit(0);
    output.end();
  } catch (thrown) {
    broken(thrown);
  } finally {
    await handles.closeAll();
  }
};
