import { execFileSync, spawn } from 'node:child_process';
import { createServer, connect as dial } from 'node:net';
import { pipeline } from 'node:stream';

/**
 * `unshare --net node network.ts <metadata socket> <web socket> <program> <argument>…` runs a program in a network
 * namespace with only two addresses, each of which is forwarded to a Unix socket. A VM whose QEMU runs there reaches
 * the metadata service at its usual address, and no other network.
 */
const metadataAddress = '169.254.169.254';
/** For everything that is reached over https; reserved for documentation by RFC 5737. */
export const webAddress = '198.51.100.10';

const serve = (host: string, port: number, socket: string): Promise<void> =>
  new Promise((resolve, reject) => {
    const server = createServer({ allowHalfOpen: true }, (incoming) => {
      const outgoing = dial({ path: socket, allowHalfOpen: true });
      // When either side ends the connection, the other side's is closed, too.
      const ended = () => undefined;
      pipeline(incoming, outgoing, ended);
      pipeline(outgoing, incoming, ended);
    });
    server.once('error', reject);
    server.listen(port, host, resolve);
  });

if (import.meta.main) {
  const [metadata = '', web = '', program = '', ...args] = process.argv.slice(2);
  execFileSync('ip', ['link', 'set', 'lo', 'up']);
  for (const address of [metadataAddress, webAddress]) {
    execFileSync('ip', ['address', 'add', `${address}/32`, 'dev', 'lo']);
  }
  await serve(metadataAddress, 80, metadata);
  await serve(webAddress, 443, web);
  const child = spawn(program, args, { stdio: ['ignore', 'inherit', 'inherit'] });
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => child.kill(signal));
  // The tests' process holds this pipe open: however it ends, no VM is left behind.
  process.stdin.once('close', () => child.kill('SIGKILL')).resume();
  child.once('error', (error) => {
    process.stderr.write(`${error.message}\n`);
    process.exit(1);
  });
  child.once('exit', (code) => process.exit(code ?? 1));
}
