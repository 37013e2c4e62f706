import type { ServerChannel } from 'ssh2';
import type { ActivityMeter } from '../../common/activity.ts';
import { log } from '../../common/log.ts';
import { ChannelOutput } from '../output.ts';
import { createExtensions, supportedExtensions } from './extensions.ts';
import type { Handles } from './handles.ts';
import { MalformedPacket, PacketReader, readPackets, requestType, responses } from './packets.ts';
import { createRequests, type RequestHandler } from './requests.ts';
import { status, statusOfError } from './status.ts';

/** Concurrent reads and writes: as many as OpenSSH's clients request. */
const maxConcurrent = 64;

const isTransfer = (type: number): boolean => type === requestType.read || type === requestType.write;

/** Creates the function that handles one request and returns its response. */
const createResponder = (home: string, handles: Handles) => {
  const requests = createRequests(home, handles);
  const extensions = new Map<string, RequestHandler>(Object.entries(createExtensions(home, handles)));
  return async (type: number, reader: PacketReader): Promise<Buffer> => {
    if (type === requestType.init) return responses.version(supportedExtensions);
    const id = reader.uint32();
    const request = type === requestType.extended ? extensions.get(reader.text()) : requests[type];
    if (request === undefined)
      return responses.status(id, status.unsupported, 'The server does not support this request.');
    try {
      return (await request(id, reader)) ?? responses.status(id, status.ok, 'Success');
    } catch (thrown) {
      const { code, message } = statusOfError(thrown);
      return responses.status(id, code, message);
    }
  };
};

/**
 * An SFTP server, version 3 with OpenSSH's extensions, which make sftp and scp faster and which ssh2's own server
 * lacks. Reads and writes run concurrently, other requests wait for all earlier ones. Responses keep the order of the
 * requests, because OpenSSH's sftp 9.2 truncates a file when one comes too early.
 */
export const serveSftp = async (
  channel: ServerChannel,
  handles: Handles,
  { home, activity }: { home: string; activity: ActivityMeter },
): Promise<void> => {
  const respond = createResponder(home, handles);
  const output = new ChannelOutput(channel);
  /** In the order of the requests. */
  const running: Promise<unknown>[] = [];

  const broken = (thrown: unknown): void => {
    if (!(thrown instanceof MalformedPacket)) log(`sftp failed: ${String(thrown)}`);
    output.exit(1);
    channel.close();
  };
  const handlePacket = async (packet: Buffer): Promise<void> => {
    activity.recordInput();
    const reader = new PacketReader(packet);
    const type = reader.byte();
    const before = running.at(-1);
    if (!isTransfer(type)) await before;
    const done = respond(type, reader)
      .then(async (bytes) => {
        await before;
        await output.send(bytes);
      }, broken)
      .finally(() => void running.shift());
    running.push(done);
    if (!isTransfer(type)) await done;
    else if (running.length >= maxConcurrent) await running[0];
  };

  try {
    for await (const packet of readPackets(channel)) await handlePacket(packet);
    await running.at(-1);
    output.exit(0);
    output.end();
  } catch (thrown) {
    broken(thrown);
  } finally {
    await handles.closeAll();
  }
};
