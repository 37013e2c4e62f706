import { billOf, sumOf } from '../../../infra/cost/model.ts';
import { defaultHabits } from '../../../infra/cost/usage.ts';
import { atMost, type Benchmark } from '../measuring/figure.ts';

/** What Berth itself costs by the cost model, whose usage a test counts; no real bill. */
const goals = { 0: 40, 1000: 200, 10000: 1_000 };

export const cost: Benchmark = {
  name: 'cost',
  run: async () =>
    Object.entries(goals).map(([developers, goal]) => {
      const bill = billOf({ developers: Number(developers), habits: defaultHabits, eks: false, nat: false });
      return atMost(`cost-of-${developers}-developers`, sumOf(bill.controlPlane), 'USD/month', goal);
    }),
};
