import { simulatedFleet } from '../../compute/ec2/fixture.ts';
import { atMost, type Benchmark } from '../measuring/figure.ts';
import { note } from '../measuring/note.ts';
import { spread } from '../measuring/percentile.ts';

const minuteMs = 60_000;
const cap = 2_200;
/** Of 2,000 workspaces: those that keep their VM, those that keep their home, and new ones. */
const sizes = { persistent: 800, ephemeral: 600, fresh: 600 };

/** 2,000 starts within a simulated minute, with the real compute kind and table and a model of AWS's limits. */
export const vmStarts: Benchmark = {
  name: 'vm-starts',
  run: async () => {
    const fleet = simulatedFleet({ cap, running: 50 });
    const { aws, givenWorkspace, resizePoolsFor, outcomesOf } = fleet;
    const workspaces = Object.entries(sizes).flatMap(([of, count]) =>
      Array.from({ length: count }, () => ({
        of,
        ...givenWorkspace(of === 'persistent' ? 'persistent' : 'ephemeral'),
      })),
    );
    const known = workspaces.filter(({ of }) => of !== 'fresh');
    resizePoolsFor(1);
    await outcomesOf(known.map(({ start }) => start(1)));
    await outcomesOf(known.map(({ stop }) => stop()));
    resizePoolsFor(10);
    await fleet.run();

    aws.enforceLimits();
    resizePoolsFor(60);
    const ends = await outcomesOf(fleet.startWithin(minuteMs, workspaces));
    const minutesOf = new Map<string, number[]>();
    const failures = new Map<string, number>();
    for (const [index, end] of ends.entries()) {
      const { of } = workspaces[index] ?? { of: '' };
      if (end.status === 'fulfilled') minutesOf.set(of, [...(minutesOf.get(of) ?? []), end.value.ms / minuteMs]);
      const reason = end.status === 'rejected' ? String(end.reason).replaceAll(/i-\w+|\d+/g, '…') : undefined;
      if (reason !== undefined) failures.set(reason, (failures.get(reason) ?? 0) + 1);
    }
    for (const [reason, count] of failures) note(`vm-starts: ${count} failed: ${reason}`);
    for (const [of, minutes] of minutesOf)
      note(`vm-starts: ${minutes.length} ${of}, minutes until ready: ${spread(minutes)}`);
    for (const [operation, { done, throttled }] of [...aws.counts].sort()) {
      note(`vm-starts: ${operation} ${done}${throttled === 0 ? '' : `, and ${throttled} throttled`}`);
    }
    const requests = [...aws.counts.values()].reduce((sum, { done, throttled }) => sum + done + throttled, 0);
    const ready = [...minutesOf.values()].flat();
    fleet.table.close();
    return [
      atMost('vm-starts-2000-failed', ends.length - ready.length, 'starts', 0),
      atMost('vm-starts-2000-last-ready', Math.max(0, ...ready), 'simulated min', 12),
      atMost('vm-starts-2000-requests', requests / ends.length, 'requests/start', 5),
      atMost('vm-starts-2000-most-vms', aws.peakInstances(), 'VMs', cap),
    ];
  },
};
