import { expect, test } from 'vitest';
import { serialQueue } from './serial-queue.ts';

test('the event loop turns between two tasks', async () => {
  const done: string[] = [];
  const enqueue = serialQueue();
  const all = ['a', 'b'].map((name) => enqueue(async () => done.push(name)));
  setImmediate(() => setImmediate(() => done.push('a request')));
  await Promise.all(all);
  expect(done).toEqual(['a', 'a request', 'b']);
});

test('a failure rejects its own promise only, and the next task runs', async () => {
  const enqueue = serialQueue();
  const failed = enqueue(() => Promise.reject(new Error('no disk')));
  const next = enqueue(async () => 'done');
  await expect(failed).rejects.toThrow('no disk');
  expect(await next).toBe('done');
});
