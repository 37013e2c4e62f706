import { expect, test } from 'vitest';
import { Quiet } from './quiet.ts';

const forEver = new Promise(() => {});

test('output that is held open for ever and falls silent is taken for read', async () => {
  await expect(new Quiet().wait(forEver)).resolves.toBeUndefined();
});

test('its silence says nothing while its reader is behind', async () => {
  let behind = true;
  let asked = 0;
  let over = false;
  const quiet = new Quiet(() => {
    asked += 1;
    return behind;
  });
  const waited = quiet.wait(forEver).then(() => {
    over = true;
  });
  // Asked every 20 ms: well past the second after which it would give up.
  await expect.poll(() => asked, { timeout: 10_000 }).toBeGreaterThan(60);
  expect(over).toBe(false);
  behind = false;
  await waited;
});
