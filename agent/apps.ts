import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import type { App } from '../contracts/template.ts';
import type { Environment } from './environment.ts';
import type { Target } from './target.ts';

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
