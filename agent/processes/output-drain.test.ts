import { expect, test } from 'vitest';
import { OutputDrain } from './output-drain.ts';

const neverClosed = new Promise(() => {});

test('the wait ends when an open output is silent', async () => {
  await expect(new OutputDrain().wait(neverClosed)).resolves.toBeUndefined();
});

test('the wait continues while the reader is behind', async () => {
  let isBehind = true;
  let checks = 0;
  let hasEnded = false;
  const drain = new OutputDrain(() => {
    checks += 1;
    return isBehind;
  });
  const waited = drain.wait(neverClosed).then(() => {
    hasEnded = true;
  });
  // It checks every 20 ms, so this is well past the second after which it would otherwise give up.
  await expect.poll(() => checks).toBeGreaterThan(60);
  expect(hasEnded).toBe(false);
  isBehind = false;
  await waited;
});
