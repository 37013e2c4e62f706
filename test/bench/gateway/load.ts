import { type GatewayFixture, readDataPlane } from './fixture.ts';
import { gatewayTarget, get, stream } from './traffic.ts';

/**
 * Load beside a measurement, in its own process so that it does not delay the one that measures:
 * `node load.ts bulk|busy FOLDER PORT APP_PORT`. `bulk`: a session of the first workspace whose output never
 * ends. `busy`: the apps of 50 other workspaces, each with 10 requests per second, one of them for 100 KB.
 */
const [kind, folder = '', port, appPort] = process.argv.slice(2);
const plane: GatewayFixture = { ...readDataPlane(folder), port: Number(port), appPort: Number(appPort) };

const workspaces = 50;
const perSecond = 10;
const largeBytes = 100_000;
const pieceBytes = 50_000_000;

const pourForEver = async (): Promise<never> => {
  for (;;) await stream(plane, pieceBytes);
};

const beBusy = (): void => {
  let turn = 0;
  setInterval(
    () => {
      turn += 1;
      const number = 1 + (turn % workspaces);
      const isLarge = Math.floor(turn / workspaces) % perSecond === 0;
      void get(gatewayTarget(plane, number), isLarge ? `/bytes/${largeBytes}` : '/');
    },
    1_000 / (workspaces * perSecond),
  );
};

process.on('SIGTERM', () => process.exit(0));
process.stdin.on('end', () => process.exit(0)).resume();
if (kind === 'bulk') await pourForEver();
else beBusy();
