import { createSecretKey, type KeyObject } from 'node:crypto';
import type { Connection, ServerChannel, Session } from 'ssh2';

/** What is used of ssh2 1.17 beyond what it documents. Its version is pinned, and the flows with the real `ssh` hold each use. */
interface Inside {
  _chanMgr: { add(opened: object): number };
  _protocol: {
    _cipher: { _encKey?: Buffer | KeyObject };
    _decipher: { _decipherKey?: Buffer | KeyObject; _onPayload(payload: Buffer): unknown };
    openssh_authAgent(channel: number, window: number, packetSize: number): void;
  };
}

const insideOf = (client: Connection): Inside => client as unknown as Inside;

/** As for ssh2's own channels. */
const windowBytes = 2 * 1024 * 1024;
const packetBytes = 32 * 1024;

/** Opens a channel to the ssh-agent of the person, which ssh2 can only for clients. */
export const openAgentChannel = (
  client: Connection,
  opened: (error: Error | undefined, channel: ServerChannel) => void,
): void => {
  const { _chanMgr, _protocol } = insideOf(client);
  const channel = _chanMgr.add(Object.assign(opened, { type: 'auth-agent@openssh.com' }));
  _protocol.openssh_authAgent(channel, windowBytes, packetBytes);
};

/**
 * Forgets the piece of output that waited for the window, and who waited for it: ssh2 keeps both, and takes stdout's for
 * what is meant when stderr waits for the window later. To be called after every write.
 */
export const forgetWaited = (channel: ServerChannel): void => {
  Object.assign(channel, { _chunk: undefined, _chunkcb: undefined, _chunkErr: undefined, _chunkcbErr: undefined });
};

const channelRequest = 98;

/** The channel and terminal modes of a `pty-req` (RFC 4254, 6.2); `undefined` for any other message. */
const modesIn = (payload: Buffer): { channel: number; modes: Buffer } | undefined => {
  if (payload[0] !== channelRequest || payload.length < 40) return undefined;
  const stringAt = (at: number) => payload.subarray(at + 4, at + 4 + payload.readUInt32BE(at));
  if (stringAt(5).toString('latin1') !== 'pty-req') return undefined;
  const term = stringAt(17);
  const at = 21 + term.length + 16;
  return at + 4 > payload.length ? undefined : { channel: payload.readUInt32BE(1), modes: stringAt(at) };
};

/**
 * Mends a connection, to be called before its first key exchange ends. Answers the terminal modes that a session's
 * client asked for: ssh2 begins to read them one byte late and finds none.
 */
export const mend = (client: Connection): ((session: Session) => Buffer | undefined) => {
  const asked = new Map<number, Buffer>();
  client.on('handshake', () => {
    const { _cipher: cipher, _decipher: decipher } = insideOf(client)._protocol;
    // Node looks at the bytes of a key anew for every packet: a third of the time that a packet of 32 KB takes.
    if (Buffer.isBuffer(cipher._encKey)) cipher._encKey = createSecretKey(cipher._encKey);
    if (Buffer.isBuffer(decipher._decipherKey)) decipher._decipherKey = createSecretKey(decipher._decipherKey);
    const { _onPayload: take } = decipher;
    decipher._onPayload = (payload) => {
      const found = modesIn(payload);
      if (found !== undefined) asked.set(found.channel, found.modes);
      return take(payload);
    };
  });
  return (session) => {
    const { id } = (session as unknown as { _chanInfo: { incoming: { id: number } } })._chanInfo.incoming;
    const modes = asked.get(id);
    asked.delete(id);
    return modes;
  };
};
