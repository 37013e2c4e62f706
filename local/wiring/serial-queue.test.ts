import { expect, test } from 'vitest';
import { serialQueue } from './serial-queue.ts';

test('between two pieces of work others have their turn', async () => {
  const done: string[] = [];
  const inTurn = serialQueue();
  const all = ['a', 'b'].map((name) => inTurn(async () => done.push(name)));
  setImmediate(() => setImmediate(() => done.push('a request')));
  await Promise.all(all);
  expect(done).toEqual(['a', 'a request', 'b']);
});

test('a failure is told to whoever asked, and the next has its turn', async () => {
  const inTurn = serialQueue();
  const failed = inTurn(() => Promise.reject(new Error('no disk')));
  const next = inTurn(async () => 'done');
  await expect(failed).rejects.toThrow('no disk');
  expect(await next).toBe('done');
});
