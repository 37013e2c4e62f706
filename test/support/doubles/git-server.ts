import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import ssh2, { type AuthContext, type ServerChannel } from 'ssh2';

export interface GitServer {
  /** `ssh://git@127.0.0.1:<port>/<name>`. */
  url(name: string): string;
  /** The authorized public keys, as lines of OpenSSH; tests may change them. */
  authorized: Set<string>;
  /** The keys that clients offered, accepted or not. */
  tried: string[];
  close(): Promise<void>;
}

const blobOf = (line: string): string => line.split(' ')[1] ?? '';

/** Accepts a client that proves possession of an authorized key; one offered without a signature is only looked up. */
const isAccepted = (context: AuthContext, { authorized, tried }: Pick<GitServer, 'authorized' | 'tried'>): boolean => {
  if (context.method !== 'publickey') return false;
  const blob = context.key.data.toString('base64');
  tried.push(blob);
  if (![...authorized].some((line) => blobOf(line) === blob)) return false;
  if (context.signature === undefined || context.blob === undefined) return true;
  const key = ssh2.utils.parseKey(context.key.data);
  return !(key instanceof Error) && key.verify(context.blob, context.signature) === true;
};

/** Runs a command such as `git-upload-pack '/name'` for a repository of the folder. */
const runGit = (command: string, folder: string, channel: ServerChannel): void => {
  const [, verb, name] = /^git-(upload|receive)-pack '\/([\w.-]+)'$/.exec(command) ?? [];
  if (verb === undefined || name === undefined) {
    channel.exit(1);
    channel.end();
    return;
  }
  const child = spawn('git', [`${verb}-pack`, join(folder, name)]);
  channel.pipe(child.stdin);
  child.stdout.pipe(channel, { end: false });
  child.stderr.pipe(channel.stderr, { end: false });
  child.once('close', (code) => {
    channel.exit(code ?? 1);
    channel.end();
  });
};

/** A git host on loopback that serves the repositories of a folder over SSH to clients with an authorized key. */
export const givenGitServer = async (folder: string): Promise<GitServer> => {
  const authorized = new Set<string>();
  const tried: string[] = [];
  const server = new ssh2.Server({ hostKeys: [ssh2.utils.generateKeyPairSync('ed25519').private] }, (client) => {
    client.on('authentication', (context) => {
      if (isAccepted(context, { authorized, tried })) context.accept();
      else context.reject(['publickey']);
    });
    // Refused clients may reset the connection.
    client.on('error', () => client.end());
    client.on('session', (accept) => {
      accept().on('exec', (acceptExec, _, { command }) => runGit(command, folder, acceptExec()));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: (name) => `ssh://git@127.0.0.1:${port}/${name}`,
    authorized,
    tried,
    close: async () => {
      server.close();
      await once(server, 'close');
    },
  };
};
