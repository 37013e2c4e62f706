import { describe, expect, test } from 'vitest';
import { billOf, sumOf } from './model.ts';
import { prices } from './prices.ts';
import { defaultHabits } from './usage.ts';

const bill = (developers: number, more: { eks?: boolean; nat?: boolean; regions?: number } = {}) =>
  billOf({ developers, habits: defaultHabits, eks: false, nat: false, ...more });

describe('the monthly bill', () => {
  test.each([
    [0, 40],
    [1_000, 200],
    [10_000, 1_000],
  ])('with %i developers is at most %i dollars for Berth itself', (developers, most) => {
    expect(sumOf(bill(developers).controlPlane)).toBeLessThanOrEqual(most);
  });

  test('increases with every developer and every habit', () => {
    const base = sumOf(bill(1_000).controlPlane);
    expect(sumOf(bill(1_001).controlPlane)).toBeGreaterThan(base);
    for (const habit of Object.keys(defaultHabits) as (keyof typeof defaultHabits)[]) {
      const habits = { ...defaultHabits, [habit]: defaultHabits[habit] * 2 };
      const { controlPlane, workspaces } = billOf({ developers: 1_000, habits, eks: false, nat: false });
      const before = base + sumOf(bill(1_000).workspaces);
      expect(sumOf(controlPlane) + sumOf(workspaces), habit).toBeGreaterThan(before);
    }
  });

  test('lists a cluster and NAT with the workspaces, if there are any', () => {
    const services = (lines: { service: string }[]) => lines.map(({ service }) => service);
    expect(services(bill(10).workspaces)).not.toContain('EKS');
    const more = bill(10, { eks: true, nat: true });
    expect(services(more.workspaces)).toEqual(expect.arrayContaining(['EKS', 'NAT']));
    expect(services(more.controlPlane)).toEqual(services(bill(10).controlPlane));
  });

  test('lists the resources of further regions and the traffic between them', () => {
    const added = sumOf(bill(1_000, { regions: 1 }).controlPlane) - sumOf(bill(1_000).controlPlane);
    expect(added).toBeGreaterThan(45);
    expect(added).toBeLessThan(60);
    const more = sumOf(bill(1_000, { regions: 2 }).controlPlane) - sumOf(bill(1_000).controlPlane);
    expect(more).toBeCloseTo(2 * added);
    const whats = bill(1_000, { regions: 1 }).workspaces.map(({ what }) => what);
    expect(whats).toContain('between regions');
    expect(bill(1_000, { regions: 0 })).toEqual(bill(1_000));
  });

  test('every price has its source', () => {
    for (const [name, { usd, source }] of Object.entries(prices)) {
      expect(usd, name).toBeGreaterThan(0);
      expect(source, name).toMatch(/^https:\/\/aws\.amazon\.com\/.+\/pricing\//);
    }
  });
});
