import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import type { App } from '../contracts/template.ts';
import type { Environment } from './environment.ts';

/** Where an app listens inside the workspace. */
export type Target = { port: number } | { path: string };

/** Free ports, all different: they are held together until the last one is found. */
const freePorts = async (count: number): Promise<number[]> => {
  const servers = Array.from({ length: count }, () => createServer());
  for (const server of servers) {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
  }
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  for (const server of servers) server.close();
  return ports;
};

/** Decides where each app listens: as its template says, else on a free port. */
export const chooseTargets = async (apps: readonly App[], home: string): Promise<Map<string, Target>> => {
  const ports = await freePorts(apps.filter(({ port, socket }) => port === undefined && socket === undefined).length);
  const targetOf = ({ port, socket }: App): Target => {
    if (port !== undefined) return { port };
    if (socket !== undefined) return { path: join(home, socket) };
    return { port: ports.pop() as number };
  };
  return new Map(apps.map((app) => [app.name, targetOf(app)]));
};

/** `BERTH_APP_<NAME>_PORT` or `_SOCKET` per app. */
export const appEnvironment = (targets: ReadonlyMap<string, Target>): Environment =>
  Object.fromEntries(
    [...targets].map(([name, target]) => {
      const prefix = `BERTH_APP_${name.toUpperCase().replaceAll('-', '_')}`;
      return 'port' in target ? [`${prefix}_PORT`, String(target.port)] : [`${prefix}_SOCKET`, target.path];
    }),
  );

/** Dev servers listen on either loopback; which one is found out without asking a resolver. */
const bothLoopbacks = [
  { address: '127.0.0.1', family: 4 },
  { address: '::1', family: 6 },
];

/** Connection options of a target, for `net` and `http` alike. */
export const connectOptions = (target: Target) =>
  'path' in target
    ? { socketPath: target.path, path: target.path }
    : {
        host: 'localhost',
        port: target.port,
        autoSelectFamily: true,
        lookup: (_host: string, _options: unknown, found: (error: null, addresses: typeof bothLoopbacks) => void) =>
          found(null, bothLoopbacks),
      };

export const connectTo = (target: Target): Socket =>
  'path' in target
    ? connect({ path: target.path, allowHalfOpen: true })
    : connect({ ...connectOptions(target), allowHalfOpen: true } as Parameters<typeof connect>[0] & object);

export const describeTarget = (target: Target): string =>
  'port' in target ? `port ${target.port}` : `socket ${target.path}`;
