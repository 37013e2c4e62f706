import { expect, test } from 'vitest';
import { Settings } from '../../settings/settings.ts';
import { vcpusOf } from './vm-quotas.ts';

const pool = (parts: object) => Settings.shape.vmPools.parse([{ name: 'p', cap: 10, ...parts }]);

test('the pools of one quota are added up, with their largest types and most spares', () => {
  const hours = [{ cron: '0 7 * * MON-FRI', running: 4 }];
  const pools = [
    ...pool({ instanceTypes: ['m7g.large', 'c7g.xlarge'], spares: { running: 1, hours } }),
    ...pool({ instanceTypes: ['r7g.large'], cap: 5, spares: { running: 2 } }),
    ...pool({ instanceTypes: ['g5.xlarge'], cap: 2 }),
  ];
  const vcpus = { 'm7g.large': 2, 'c7g.xlarge': 4, 'r7g.large': 2, 'g5.xlarge': 4 };
  expect(vcpusOf(pools, vcpus)).toMatchObject([
    { code: 'L-1216C47A', spares: 4 * 4 + 2 * 2, cap: 10 * 4 + 5 * 2 },
    { code: 'L-DB2E81BA', spares: 0, cap: 2 * 4 },
  ]);
});

test('an instance type without a known quota is skipped', () => {
  expect(vcpusOf(pool({ instanceTypes: ['mac2.metal'] }), { 'mac2.metal': 8 })).toEqual([]);
});
