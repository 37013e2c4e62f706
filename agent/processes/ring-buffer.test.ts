import fc from 'fast-check';
import { expect, it } from 'vitest';
import { RingBuffer } from './ring-buffer.ts';

it('keeps the last bytes, whatever the sizes of the writes', () => {
  const chunks = fc.array(fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)));
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 32 }), chunks, (size, writes) => {
      const ring = new RingBuffer(size);
      for (const chunk of writes) ring.write(chunk);
      const all = Buffer.concat(writes);
      expect(ring.read()).toEqual(all.subarray(Math.max(0, all.length - size)));
      expect(ring.droppedBytes).toBe(Math.max(0, all.length - size));
    }),
  );
});
