import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

interface State {
  Type: 'Task' | 'Choice' | 'Wait';
  Next?: string;
  Default?: string;
  Choices?: { Variable: string; BooleanEquals: boolean; Next: string }[];
  ResultPath?: string | null;
}
interface Definition {
  StartAt: string;
  States: Record<string, State>;
}

const definition = JSON.parse(
  readFileSync(join(import.meta.dirname, '..', '..', 'workflows', 'start-workspace.asl.json'), 'utf8'),
) as Definition;

/**
 * Returns the states that a start passes if its compute is settled at the given poll. Step Functions bills each of
 * them, and the start of the execution.
 */
const walk = (pollsUntilSettled: number): string[] => {
  const passed: string[] = [];
  let polls = 0;
  let at: string | undefined = definition.StartAt;
  while (at !== undefined) {
    passed.push(at);
    const state: State | undefined = definition.States[at];
    if (state === undefined) throw new Error(`there is no state ${at}`);
    if (at === 'Apply') polls += 1;
    const settled = polls >= pollsUntilSettled;
    at =
      state.Type === 'Choice'
        ? (state.Choices?.find((choice) => choice.BooleanEquals === settled)?.Next ?? state.Default)
        : state.Next;
  }
  return passed;
};

test('a start whose compute is ready at once passes five states', () => {
  expect(walk(1)).toEqual(['Plan', 'Apply', 'IsApplied', 'AwaitAgent', 'Complete']);
});

test('an ordinary start, with five polls, stays within 20 transitions', () => {
  expect(walk(5).length + 1).toBeLessThanOrEqual(20);
});
