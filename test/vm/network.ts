import { execFileSync, spawn } from 'node:child_process';
import { createServer, connect as dial } from 'node:net';
import { pipeline } from 'node:stream';

/**
 * `unshare --net node network.ts <metadata socket> <web socket> <program> <argument>…` runs a program in a network namespace
 * that has nothing but two addresses, each of which leads to a Unix socket. A machine whose QEMU runs there reaches the
 * metadata service at its own address, and no other network.
 */
export const metadataAddress = '169.254.169.254';
/** An address of documentation (RFC 5737), for everything that is reached over https. */
export const webAddress = '198.51.100.10';

const serve = (host: string, port: number, socket: string): Promise<void> =>
  new Promise((resolve, reject) => {
    const server = createServer({ allowHalfOpen: true }, (incoming) => {
      const outgoing = dial({ path: socket, allowHalfOpen: true });
      // Whoever ends a connection ends it for both.
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
  // Tests that end however they end leave no machine behind.
  process.stdin.once('close', () => child.kill('SIGKILL')).resume();
  child.once('error', (error) => {
    process.stderr.write(`${error.message}\n`);
    process.exit(1);
  });
  child.once('exit', (code) => process.exit(code ?? 1));
}
