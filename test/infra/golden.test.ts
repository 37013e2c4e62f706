import { expect, test } from 'vitest';
import { synthesize } from './synth.ts';

/**
 * The templates for the example settings, so that a change to a template is visible in the diff of its commit. To
 * record an intended change, run `npm test -- test/infra/golden.test.ts -u`.
 */
const { templates } = synthesize();

/** Assets are named by the hash of their content, which is not part of the template. */
const withoutHashes = (text: string): string => text.replace(/\b[0-9a-f]{64}\b/g, '<hash>');

test.each(Object.keys(templates))('%s', async (stack) => {
  const text = `${JSON.stringify(templates[stack], null, 1)}\n`;
  await expect(withoutHashes(text)).toMatchFileSnapshot(`golden/${stack}.txt`);
});
