import { setTimeout as pause } from 'node:timers/promises';
import type { FaultyBerth } from './faulty-berth.ts';
import type { Random } from './random.ts';

const signal = (pid: number, name: NodeJS.Signals): void => {
  try {
    process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
};

const randomSubset = <T>(all: readonly T[], random: Random): T[] => all.filter(() => random.next() < 0.5);

/** Each fault lasts for a while and is then undone, except that killed processes stay dead. */
const faults = {
  'kill -9 of the server': async ({ server }: FaultyBerth) => server().kill(),
  'a pause of the server': async ({ server }: FaultyBerth, random: Random) => {
    const { pid = 0 } = server().child;
    signal(pid, 'SIGSTOP');
    await pause(random.below(3_000));
    signal(pid, 'SIGCONT');
  },
  'kill -9 of processes': async (berth: FaultyBerth, random: Random) => {
    for (const { pid } of randomSubset(berth.processes(), random)) signal(pid, 'SIGKILL');
  },
  'a pause of processes': async (berth: FaultyBerth, random: Random) => {
    const chosen = randomSubset(berth.processes(), random);
    for (const { pid } of chosen) signal(pid, 'SIGSTOP');
    await pause(random.below(6_000));
    for (const { pid } of chosen) signal(pid, 'SIGCONT');
  },
  'a full disk': async (berth: FaultyBerth, random: Random) => {
    berth.fillDisk();
    await pause(random.below(3_000));
    berth.emptyDisk();
  },
  'a full disk and kill -9 of the server': async (berth: FaultyBerth, random: Random) => {
    berth.fillDisk();
    await pause(random.below(1_000));
    await berth.server().kill();
    berth.emptyDisk();
  },
  'no fault': async () => undefined,
} satisfies Record<string, (berth: FaultyBerth, random: Random) => Promise<unknown>>;

const weights: Record<keyof typeof faults, number> = {
  'kill -9 of the server': 34,
  'a pause of the server': 16,
  'kill -9 of processes': 8,
  'a pause of processes': 12,
  'a full disk': 14,
  'a full disk and kill -9 of the server': 10,
  'no fault': 6,
};

const needsDisk = (name: string) => name.includes('disk');

export const injectFault = async (berth: FaultyBerth, random: Random): Promise<string> => {
  const name = random.weighted(weights);
  if (needsDisk(name) && !berth.isOwnDisk) return 'no fault';
  await faults[name](berth, random);
  return name;
};
