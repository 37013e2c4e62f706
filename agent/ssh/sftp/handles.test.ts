import { open } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { Handles } from './handles.ts';
import { uint32 } from './packets.ts';

/** A closed one has no descriptor any more. */
const closed = -1;

it('closes what is open when the client leaves, and what was only being opened then', async () => {
  const handles = new Handles();
  const [early, late] = await Promise.all([open('/dev/null'), open('/dev/null')]);
  const handle = uint32(await handles.add({ file: early }));
  expect(handles.file(handle)).toBe(early);

  await handles.closeAll();
  expect(early.fd).toBe(closed);
  expect(() => handles.file(handle)).toThrow('There is no such handle.');
  await expect(handles.add({ file: late })).rejects.toThrow('There is no such handle.');
  expect(late.fd).toBe(closed);
});
