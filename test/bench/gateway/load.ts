import { type Reached, readDataPlane } from './fixture.ts';
import { ask, pourOut, throughGateway } from './traffic.ts';

/**
 * What goes on beside a measurement, in a process of its own so that it does not hold up the one that measures:
 * `node data-plane-load.ts bulk|busy FOLDER PORT APP_PORT`. `bulk`: a session of the first workspace whose output never
 * ends. `busy`: 50 other workspaces whose apps are asked 10 times a second each, once for 100 KB.
 */
const [kind, folder = '', port, appPort] = process.argv.slice(2);
const plane: Reached = { ...readDataPlane(folder), port: Number(port), appPort: Number(appPort) };

const workspaces = 50;
const perSecond = 10;
const largeBytes = 100_000;
const pieceBytes = 50_000_000;

const pourForEver = async (): Promise<never> => {
  for (;;) await pourOut(plane, pieceBytes);
};

const beBusy = (): void => {
  let turn = 0;
  setInterval(
    () => {
      turn += 1;
      const number = 1 + (turn % workspaces);
      const isLarge = Math.floor(turn / workspaces) % perSecond === 0;
      void ask(throughGateway(plane, number), isLarge ? `/bytes/${largeBytes}` : '/');
    },
    1_000 / (workspaces * perSecond),
  );
};

process.on('SIGTERM', () => process.exit(0));
process.stdin.on('end', () => process.exit(0)).resume();
if (kind === 'bulk') await pourForEver();
else beBusy();
