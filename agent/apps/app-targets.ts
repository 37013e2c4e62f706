import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import type { Manifest } from '../../contracts/agent/tunnel.ts';
import type { App } from '../../contracts/templates/template-file.ts';
import type { Environment } from '../processes/environment.ts';
import type { AppTarget } from './target.ts';

/** Finds distinct free ports: all stay bound until the last one is found. */
const findFreePorts = async (count: number): Promise<number[]> => {
  const servers = Array.from({ length: count }, () => createServer());
  for (const server of servers) {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
  }
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  for (const server of servers) server.close();
  return ports;
};

/** Decides where each app listens: as its template specifies, else on a free port. */
export const chooseTargets = async (apps: readonly App[], home: string): Promise<Map<string, AppTarget>> => {
  const ports = await findFreePorts(
    apps.filter(({ port, socket }) => port === undefined && socket === undefined).length,
  );
  const targetOf = ({ port, socket, protocol }: App): AppTarget => {
    const tls = protocol === 'https';
    if (port !== undefined) return { port, tls };
    return socket === undefined ? { port: ports.pop() as number, tls } : { path: join(home, socket), tls };
  };
  return new Map(apps.map((app) => [app.name, targetOf(app)]));
};

/**
 * Dev servers reject unknown hosts as a protection against DNS rebinding. Vite also accepts the hosts in this variable.
 */
const allowDevServerHost = (hostname: string): Environment => ({
  __VITE_ADDITIONAL_SERVER_ALLOWED_HOSTS: `.${hostname}`,
});

const addressEnvironment = ({ domain, port }: NonNullable<Manifest['addresses']>): Environment => ({
  ...allowDevServerHost(domain.replace(/:\d+$/, '')),
  BERTH_APP_DOMAIN: domain,
  BERTH_PORT_URL: port,
});

/**
 * `BERTH_APP_<NAME>_PORT` or `_SOCKET`, and `_URL`, of each app, and the URLs under which apps and ports are reached.
 */
export const appEnvironment = (
  targets: ReadonlyMap<string, AppTarget>,
  addresses: Manifest['addresses'],
): Environment => {
  const appVariables = [...targets].flatMap(([name, target]): [string, string][] => {
    const prefix = `BERTH_APP_${name.toUpperCase().replaceAll('-', '_')}`;
    const url = addresses?.apps[name];
    return [
      'port' in target ? [`${prefix}_PORT`, String(target.port)] : [`${prefix}_SOCKET`, target.path],
      ...(url === undefined ? [] : [[`${prefix}_URL`, url] satisfies [string, string]]),
    ];
  });
  return { ...(addresses === undefined ? {} : addressEnvironment(addresses)), ...Object.fromEntries(appVariables) };
};
