import type { Client } from '../../contracts/client/calls.ts';

interface StepReference {
  workspace: string;
  build: number;
  step: string;
}

/** Returns a function that reads the part of a step's log that was written since its previous call. */
export const logReader = (client: Client, params: StepReference) => {
  let cursor: string | undefined;
  /** `text` is the new part of the log; `done` is true once the step has ended and its log is read completely. */
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
