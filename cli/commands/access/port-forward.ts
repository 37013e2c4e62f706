import { once } from 'node:events';
import { type AddressInfo, createServer, isIP, type Server, type Socket } from 'node:net';
import { sanitizeLine } from '../../../base/sanitize.ts';
import { sessionPath } from '../../../contracts/agent/wire.ts';
import { ApiError } from '../../../contracts/client/calls.ts';
import { CliError, usageError } from '../../io/errors.ts';
import { exitCodes } from '../../io/exit-codes.ts';
import { type Cli, connect, type Options } from '../../server/connect.ts';
import { openSession } from '../../server/open-session.ts';
import { pipeSession } from '../../server/pipe.ts';

interface PortForwardOptions extends Options {
  address: string;
  allowOthers?: boolean;
}

interface Forward {
  local: number;
  remote: number;
}

const parsePort = (text: string, min: number): number => {
  const port = /^(0|[1-9][0-9]{0,4})$/.test(text) ? Number(text) : Number.NaN;
  if (port >= min && port <= 65_535) return port;
  throw usageError(
    `Invalid port "${sanitizeLine(text)}". Use one from 1 to 65535, or local:remote, for example 8080:3000.`,
  );
};

/** Parses `3000` or `8080:3000`; `0:3000` uses any free local port. */
export const parseForward = (text: string): Forward => {
  const [local = '', remote = local, ...rest] = text.split(':');
  if (rest.length > 0)
    throw usageError(`Invalid ports "${sanitizeLine(text)}". Use local:remote, for example 8080:3000.`);
  return { local: parsePort(local, local === remote ? 1 : 0), remote: parsePort(remote, 1) };
};

export const requireLoopback = ({ address, allowOthers }: PortForwardOptions): void => {
  if (isIP(address) === 0)
    throw usageError(`Invalid IP address "${sanitizeLine(address)}". Use one such as 127.0.0.1.`);
  if (allowOthers || address === '::1' || address.startsWith('127.')) return;
  throw usageError(`Other machines could reach your workspace through ${address}. To allow that, add --allow-others.`);
};

/** Each local connection gets its own session, which opens one connection in the workspace. */
const forwardOne = async (cli: Cli, workspace: string, remote: number, local: Socket): Promise<void> => {
  try {
    const { socket } = await openSession({
      url: cli.url,
      token: await cli.token(),
      path: sessionPath(workspace, `port/${remote}`),
    });
    local.once('close', () => socket.close(1000));
    await pipeSession(socket, local, local);
    local.destroySoon();
  } catch (thrown) {
    local.resetAndDestroy();
    if (!(thrown instanceof ApiError || thrown instanceof CliError)) throw thrown;
    cli.err.write(`berth: port ${remote}: ${sanitizeLine(thrown.message)}\n`);
  }
};

const listen = async (cli: Cli, workspace: string, { local, remote }: Forward, address: string): Promise<Server> => {
  const server = createServer({ allowHalfOpen: true, pauseOnConnect: true, noDelay: true });
  server.on('connection', (socket) => {
    socket.on('error', () => socket.destroy());
    void forwardOne(cli, workspace, remote, socket);
  });
  server.listen(local, address);
  try {
    await once(server, 'listening');
    return server;
  } catch (thrown) {
    if (!(thrown instanceof Error && 'code' in thrown)) throw thrown;
    const reason = thrown.code === 'EADDRINUSE' ? 'it is already in use' : thrown.message;
    const remedy = `Choose another port, or use 0:${remote} for any free one.`;
    const message = `Could not listen on port ${local} of this machine: ${reason}. ${remedy}`;
    throw new CliError('conflict', message, exitCodes.failed);
  }
};

/** Forwards ports of a workspace to this machine until the command is interrupted. */
export const portForward = async (workspace: string, ports: string[], options: PortForwardOptions): Promise<void> => {
  const forwards = ports.map(parseForward);
  requireLoopback(options);
  const cli = connect(options);
  const { name, status, browserOnly } = await cli.client.getWorkspace({ params: { workspace } });
  if (browserOnly) {
    const message = `Cannot forward ports of ${name}, because it is browser-only. Open its apps in the portal.`;
    throw new CliError('forbidden', message, exitCodes.failed);
  }
  const servers: Server[] = [];
  for (const forward of forwards) servers.push(await listen(cli, workspace, forward, options.address));
  const listening = servers.map((server, index) => ({
    address: options.address,
    port: (server.address() as AddressInfo).port,
    remote: forwards[index]?.remote,
  }));
  cli.print(listening, () =>
    listening.map(({ address, port, remote }) => `${address}:${port} forwards to port ${remote} of ${name}\n`).join(''),
  );
  if (status !== 'running')
    cli.note(`${name} is ${status}. Connections work once it is running. Start it with: berth start ${name}`);
  await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
  process.exit(exitCodes.ok);
};
