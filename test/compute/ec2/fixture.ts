import { openSqliteTable } from '../../../adapters/table/sqlite/table.ts';
import type { Ec2VmOptions } from '../../../compute/ec2/context.ts';
import { ec2VmKind } from '../../../compute/ec2/ec2.ts';
import { ec2VmPools } from '../../../compute/ec2/pools/pools.ts';
import { VmSettings } from '../../../contracts/settings/vm.ts';
import type { Progress } from '../../../core/ports/compute-kind.ts';
import type { Change } from '../../../core/ports/table.ts';
import { keepPools } from '../../../functions/schedule/pools.ts';
import { patienceMs, waitAfter } from '../../../functions/steps/build.ts';
import { newWorkspaceId, runOf } from '../contract.ts';
import { awsModel, groupName } from './aws.ts';
import { simulation } from './simulation.ts';

const zones = ['eu-central-1a', 'eu-central-1b', 'eu-central-1c'];
const instanceType = 'm7g.large';
const minuteMs = 60_000;

export interface FleetOptions {
  cap: number;
  /** Spares that run. */
  running: number;
  bootMs?: number;
}

export interface ReportedProgress {
  at: number;
  detail: string;
}

/**
 * The kind ec2-vm as it is, with a pool `general` and a pool `gone` whose group is not there, with the table of `npm
 * start`, over a model of AWS and on a clock that does not wait.
 */
export const simulatedFleet = ({ cap, running, bootMs }: FleetOptions) => {
  const { at, now, run } = simulation(Date.parse('2026-11-30T06:00:00.000Z'));
  const settings = VmSettings.parse({
    region: 'eu-central-1',
    account: '123456789012',
    installation: 'herd',
    pools: [groupName, 'gone'].map((autoScalingGroup) => ({
      name: autoScalingGroup === groupName ? 'general' : 'gone',
      autoScalingGroup,
      launchTemplate: { id: 'lt-herd', version: '1' },
      instanceTypes: [instanceType, 'm7g.xlarge'],
      subnets: zones.map((zone) => ({ id: `subnet-${zone}`, zone })),
      securityGroups: ['sg-herd'],
      publicAddress: false,
      architecture: 'arm64',
      cap,
      spares: { running },
    })),
  });
  const aws = awsModel({ now, zones, instanceType, bootMs });
  const table = openSqliteTable(':memory:');
  const counting = { held: 0, free: 0 };
  const countPoolWrites = async (changes: readonly Change[]) => {
    for (const change of changes) {
      const places = 'add' in change && change.add.pk.startsWith('vm-pool#') ? change.amounts : {};
      if (!places['leased'] && !places['waiting']) continue;
      const turns = await Promise.all(['starts', 'ends'].map((sk) => table.get({ pk: 'vm-turn', sk })));
      // The pause until the next turn is shorter than the time for which one is held.
      const isHeld = turns.some((turn) => Number(turn?.['until'] ?? 0) - now() > 10_000);
      counting[isHeld ? 'held' : 'free'] += 1;
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
    keepPools({ pools: existingPools, rules: { table, clock: options.clock }, log: () => undefined });

  /** Moves something as a step and the Wait state behind it do, from a moment on. Resolves once the simulation ran. */
  const runStep = (from: number, move: () => Promise<Progress>): Promise<{ ms: number; told: ReportedProgress[] }> =>
    new Promise((resolve, reject) => {
      const told: ReportedProgress[] = [];
      let waits = 0;
      let waited = 0;
      const step = async () => {
        try {
          const progress = await move();
          if (progress.settled) return resolve({ ms: now() - from, told });
          told.push({ at: now() - from, detail: progress.detail });
          // A step waits for what is about to be; a Wait state for everything else.
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
    /** Writes of the pools' counts of places, by those who had a turn and by those who had none. */
    counting,
    table,
    kind,
    pools,
    now,
    run,
    givenWorkspace,
    /** Starts all of them in no order, spread over so many ms. */
    startWithin: (ms: number, workspaces: readonly ReturnType<typeof givenWorkspace>[]) => {
      const began = now();
      return workspaces.map(({ start }, place) => {
        const sort = (place * 7_919) % workspaces.length;
        return start(2, began + (sort / workspaces.length) * ms);
      });
    },
    /** As its schedule does, for so many minutes. */
    keepPoolsFor: (minutes: number) => {
      for (let minute = 0; minute < minutes; minute += 1) at(now() + minute * minuteMs, resizePools);
    },
    /** All that is driven, at once; in their order. */
    ended: async <T>(driven: readonly Promise<T>[]): Promise<PromiseSettledResult<T>[]> => {
      const ends = Promise.allSettled(driven);
      await run();
      return ends;
    },
  };
};
