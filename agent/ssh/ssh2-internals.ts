import { createSecretKey, type KeyObject } from 'node:crypto';
import type { Connection, ServerChannel, Session } from 'ssh2';

/** Undocumented parts of ssh2 1.17. Its version is pinned, and tests with the real `ssh` cover each use. */
interface Ssh2Internals {
  _chanMgr: { add(opened: object): number };
  _protocol: {
    _cipher: { _encKey?: Buffer | KeyObject };
    _decipher: { _decipherKey?: Buffer | KeyObject; _onPayload(payload: Buffer): unknown };
    openssh_authAgent(channel: number, window: number, packetSize: number): void;
  };
}

const internalsOf = (client: Connection): Ssh2Internals => client as unknown as Ssh2Internals;

/** The same as for ssh2's own channels. */
const windowBytes = 2 * 1024 * 1024;
const packetBytes = 32 * 1024;

/** Opens a channel to the ssh-agent of the client. ssh2 offers this only to clients. */
export const openAgentChannel = (
  client: Connection,
  opened: (error: Error | undefined, channel: ServerChannel) => void,
): void => {
  const { _chanMgr, _protocol } = internalsOf(client);
  const channel = _chanMgr.add(Object.assign(opened, { type: 'auth-agent@openssh.com' }));
  _protocol.openssh_authAgent(channel, windowBytes, packetBytes);
};

/**
 * Clears the chunk that waited for window space and its callback. ssh2 keeps both, and when stderr waits for space
 * later it sends stdout's stale chunk instead. Call it after every completed write.
 */
export const clearPendingWrite = (channel: ServerChannel): void => {
  Object.assign(channel, { _chunk: undefined, _chunkcb: undefined, _chunkErr: undefined, _chunkcbErr: undefined });
};

const channelRequest = 98;

/** Parses the channel and terminal modes of a `pty-req` (RFC 4254, section 6.2); `undefined` for any other message. */
const parsePtyRequest = (payload: Buffer): { channel: number; modes: Buffer } | undefined => {
  if (payload[0] !== channelRequest || payload.length < 40) return undefined;
  const stringAt = (at: number) => payload.subarray(at + 4, at + 4 + payload.readUInt32BE(at));
  if (stringAt(5).toString('latin1') !== 'pty-req') return undefined;
  const term = stringAt(17);
  const at = 21 + term.length + 16;
  return at + 4 > payload.length ? undefined : { channel: payload.readUInt32BE(1), modes: stringAt(at) };
};

/**
 * Works around defects of ssh2. Call it before the first key exchange ends. Returns a function that reads the terminal
 * modes that the client of a session requested: ssh2 parses them one byte late and finds none.
 */
export const patchConnection = (client: Connection): ((session: Session) => Buffer | undefined) => {
  const requestedModes = new Map<number, Buffer>();
  client.on('handshake', () => {
    const { _cipher: cipher, _decipher: decipher } = internalsOf(client)._protocol;
    // Node imports a key given as bytes again for every packet, a third of the CPU time of a 32 KB packet.
    if (Buffer.isBuffer(cipher._encKey)) cipher._encKey = createSecretKey(cipher._encKey);
    if (Buffer.isBuffer(decipher._decipherKey)) decipher._decipherKey = createSecretKey(decipher._decipherKey);
    const { _onPayload: handlePayload } = decipher;
    decipher._onPayload = (payload) => {
      const found = parsePtyRequest(payload);
      if (found !== undefined) requestedModes.set(found.channel, found.modes);
      return handlePayload(payload);
    };
  });
  return (session) => {
    const { id } = (session as unknown as { _chanInfo: { incoming: { id: number } } })._chanInfo.incoming;
    const modes = requestedModes.get(id);
    requestedModes.delete(id);
    return modes;
  };
};
