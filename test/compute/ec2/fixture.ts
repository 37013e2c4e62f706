import { openSqliteTable } from '../../../adapters/table/sqlite/table.ts';
import type { Ec2VmOptions } from '../../../compute/ec2/context.ts';
import { ec2VmKind } from '../../../compute/ec2/ec2.ts';
import { ec2VmPools } from '../../../compute/ec2/pools/pools.ts';
import { VmSettings } from '../../../contracts/settings/vm.ts';
import type { Progress } from '../../../core/ports/compute-kind.ts';
import type { Change } from '../../../core/ports/table.ts';
import { maintainPools } from '../../../functions/schedule/pools.ts';
import { patienceMs, waitAfter } from '../../../functions/steps/build.ts';
import { newWorkspaceId, runOf } from '../contract.ts';
import { awsModel, groupName } from './aws.ts';
import { simulation } from './simulation.ts';

const zones = ['eu-central-1a', 'eu-central-1b', 'eu-central-1c'];
const instanceType = 'm7g.large';
const minuteMs = 60_000;

interface FleetOptions {
  cap: number;
  /** The number of running spares. */
  running: number;
  bootMs?: number;
}

interface ReportedProgress {
  at: number;
  detail: string;
}

/**
 * The kind ec2-vm over a model of AWS, on a simulated clock, with the table of `npm start`. The pool `general` works;
 * the Auto Scaling group of the pool `gone` does not exist.
 */
export const simulatedFleet = ({ cap, running, bootMs }: FleetOptions) => {
  const { at, now, run } = simulation(Date.parse('2026-11-30T06:00:00.000Z'));
  const settings = VmSettings.parse({
    region: 'eu-central-1',
    account: '123456789012',
    installation: 'test',
    pools: [groupName, 'gone'].map((autoScalingGroup) => ({
      name: autoScalingGroup,
      autoScalingGroup,
      launchTemplate: { id: 'lt-1', version: '1' },
      instanceTypes: [instanceType, 'm7g.xlarge'],
      subnets: zones.map((zone) => ({ id: `subnet-${zone}`, zone })),
      securityGroups: ['sg-1'],
      publicAddress: false,
      architecture: 'arm64',
      cap,
      spares: { running },
    })),
  });
  const aws = awsModel({ now, zones, instanceType, bootMs });
  const table = openSqliteTable(':memory:');
  const poolWrites = { withLock: 0, withoutLock: 0 };
  const countPoolWrites = async (changes: readonly Change[]) => {
    for (const change of changes) {
      const amounts = 'add' in change && change.add.pk.startsWith('vm-pool#') ? change.amounts : {};
      if (!amounts['leased'] && !amounts['waiting']) continue;
      const locks = await Promise.all(['starts', 'ends'].map((sk) => table.get({ pk: 'vm-turn', sk })));
      // The pause between two runs of a worker is shorter than the time for which one holds the lock.
      const isLocked = locks.some((lock) => Number(lock?.['until'] ?? 0) - now() > 10_000);
      poolWrites[isLocked ? 'withLock' : 'withoutLock'] += 1;
    }
  };
  const client = { send: aws.send } as unknown;
  const options = {
    ec2: client as Ec2VmOptions['ec2'],
    autoScaling: client as Ec2VmOptions['autoScaling'],
    table: {
      ...table,
      write: (changes: readonly Change[]) => countPoolWrites(changes).then(() => table.write(changes)),
    },
    settings,
    clock: () => new Date(now()),
  };
  const kind = ec2VmKind(options);
  const pools = ec2VmPools(options);

  const existingPools = { ...pools, all: pools.all.filter(({ name }) => name === 'general') };
  const resizePools = () =>
    maintainPools({ pools: existingPools, rules: { table, clock: options.clock }, log: () => undefined });

  /** Repeats a call as a step and its Wait state do, from a moment on. Settles when the simulation runs. */
  const runStep = (
    from: number,
    move: () => Promise<Progress>,
  ): Promise<{ ms: number; reported: ReportedProgress[] }> =>
    new Promise((resolve, reject) => {
      const reported: ReportedProgress[] = [];
      let waits = 0;
      let waited = 0;
      const step = async () => {
        try {
          const progress = await move();
          if (progress.settled) return resolve({ ms: now() - from, reported });
          reported.push({ at: now() - from, detail: progress.detail });
          // A step itself waits for what is about to settle, a Wait state for everything else.
          if (waited + progress.again <= patienceMs) {
            waited += progress.again;
            at(now() + progress.again, step);
          } else {
            at(now() + waitAfter(waits, progress.again) * 1_000, step);
            waits += 1;
            waited = 0;
          }
        } catch (error) {
          reject(error);
        }
      };
      at(from, step);
    });

  const givenWorkspace = (mode: 'persistent' | 'ephemeral', pool = 'general') => {
    const id = newWorkspaceId();
    const spec = { pool, mode, home: { size: '20Gi' } };
    return {
      id,
      start: (number: number, from = now()) => runStep(from, () => kind.apply(runOf(kind, spec, id, number))),
      stop: (from = now()) => runStep(from, () => kind.stop({ id })),
    };
  };

  return {
    aws,
    /** Writes of the pools' counts, by callers with the worker's lock and without it. */
    poolWrites,
    table,
    kind,
    pools,
    now,
    run,
    givenWorkspace,
    /** Starts all of them in a mixed order, spread over `ms`. */
    startWithin: (ms: number, workspaces: readonly ReturnType<typeof givenWorkspace>[]) => {
      const began = now();
      return workspaces.map(({ start }, place) => {
        const sort = (place * 7_919) % workspaces.length;
        return start(2, began + (sort / workspaces.length) * ms);
      });
    },
    /** Resizes the pools once a minute, as their schedule does. */
    resizePoolsFor: (minutes: number) => {
      for (let minute = 0; minute < minutes; minute += 1) at(now() + minute * minuteMs, resizePools);
    },
    /** Runs the simulation, and returns the outcome of each call in order. */
    outcomesOf: async <T>(calls: readonly Promise<T>[]): Promise<PromiseSettledResult<T>[]> => {
      const ends = Promise.allSettled(calls);
      await run();
      return ends;
    },
  };
};
