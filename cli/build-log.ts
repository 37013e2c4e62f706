import type { Client } from '../contracts/calls.ts';

export interface StepOf {
  workspace: string;
  build: number;
  step: string;
}

/** Reads a step's log on from where it left off, each time it is asked. */
export const logReader = (client: Client, params: StepOf) => {
  let cursor: string | undefined;
  /** What came since; `done` when the step has ended and this was the rest. */
  return async (): Promise<{ text: string; done: boolean }> => {
    let text = '';
    for (;;) {
      const query = cursor === undefined ? {} : { cursor };
      const { chunks, next, done } = await client.getBuildLog({ params, query });
      cursor = next;
      text += chunks.map((chunk) => chunk.text).join('');
      if (done || chunks.length === 0) return { text, done };
    }
  };
};
