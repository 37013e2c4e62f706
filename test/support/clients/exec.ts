import { once } from 'node:events';
import { WebSocket } from 'ws';
import { channel, type SessionReply, sessionPath } from '../../../contracts/sessions/session.ts';
import type { TestBerth } from '../berth.ts';

export interface Exec {
  write: (text: string) => void;
  output: () => string;
  exit: Promise<number>;
  close: () => void;
}

/** Runs a command in a workspace through the gateway, like the CLI. */
export const givenExec = async (
  berth: TestBerth,
  workspace: string,
  command: string[],
  person: 'ada' | 'linus' = 'ada',
): Promise<Exec> => {
  const url = berth.url.replace('http', 'ws') + sessionPath(workspace, 'exec');
  const socket = new WebSocket(url, { headers: { authorization: `Bearer ${berth.tokenOf(person)}` } });
  let output = '';
  const { promise: exit, resolve, reject } = Promise.withResolvers<number>();
  socket.on('message', (data: Buffer, binary: boolean) => {
    if (binary) output += data.subarray(1).toString();
    else {
      const reply = JSON.parse(data.toString()) as SessionReply;
      if (reply.type === 'exit') resolve(reply.code);
      if (reply.type === 'error') reject(new Error(reply.message));
    }
  });
  await once(socket, 'open');
  socket.send(JSON.stringify({ type: 'start', command }));
  return {
    write: (text) => socket.send(Buffer.concat([Buffer.from([channel.stdin]), Buffer.from(text)])),
    output: () => output,
    exit,
    close: () => socket.close(),
  };
};
