import { parseArgs } from 'node:util';
import { billOf, type Line, sumOf } from './model.ts';
import { pricesAsOf } from './prices.ts';
import { defaultHabits, type Habits } from './usage.ts';

/**
 * Prints the monthly bill: `npm run cost -- --developers 1000 [--eks] [--nat] [--regions 1] [--hours 6 …] [--json]`.
 */
const habitNames = Object.keys(defaultHabits) as (keyof Habits)[];

const { values } = parseArgs({
  options: {
    developers: { type: 'string', default: '1000' },
    eks: { type: 'boolean', default: false },
    nat: { type: 'boolean', default: false },
    regions: { type: 'string', default: '0' },
    json: { type: 'boolean', default: false },
    ...Object.fromEntries(habitNames.map((name) => [name, { type: 'string' as const }])),
  },
});

const numberOf = (name: string, text: string): number => {
  const number = Number(text);
  if (text.trim() !== '' && number >= 0 && Number.isFinite(number)) return number;
  process.stderr.write(`--${name} is "${text}", which is not a number of at least 0.\n`);
  process.exit(64);
};

const given = values as Record<string, string | boolean | undefined>;
const habits = Object.fromEntries(
  habitNames.map((name) => [
    name,
    given[name] === undefined ? defaultHabits[name] : numberOf(name, String(given[name])),
  ]),
) as unknown as Habits;
const bill = billOf({
  developers: numberOf('developers', String(given['developers'])),
  habits,
  eks: given['eks'] === true,
  nat: given['nat'] === true,
  regions: numberOf('regions', String(given['regions'])),
});

const row = (a: string, b: string, c: string, d: string) =>
  `${a.padEnd(22)}${b.padEnd(56)}${c.padStart(15)}${d.padStart(12)}\n`;
const print = (title: string, lines: readonly Line[]) => {
  process.stdout.write(`\n${row(title, '', 'quantity', 'USD')}`);
  for (const { service, what, quantity, usd } of lines) {
    process.stdout.write(
      row(
        service,
        what,
        Math.round(quantity * 10) / 10 === 0 ? '0' : quantity.toLocaleString('en', { maximumFractionDigits: 1 }),
        usd.toFixed(2),
      ),
    );
  }
  process.stdout.write(row('', 'total', '', sumOf(lines).toFixed(2)));
};

if (given['json'] === true) {
  process.stdout.write(`${JSON.stringify(bill)}\n`);
} else {
  process.stdout.write(`One month with ${bill.developers} developers in us-east-1, at the prices of ${pricesAsOf}\n`);
  print('Berth', bill.controlPlane);
  print('Workspaces', bill.workspaces);
}
