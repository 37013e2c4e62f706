import { open } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { Handles } from './handles.ts';
import { encodeUint32 } from './packets.ts';

/** The descriptor of a closed FileHandle. */
const closed = -1;

it('closes open files when the client disconnects, also those that were just being opened', async () => {
  const handles = new Handles();
  const [early, late] = await Promise.all([open('/dev/null'), open('/dev/null')]);
  const handle = encodeUint32(await handles.add({ file: early }));
  expect(handles.file(handle)).toBe(early);

  await handles.closeAll();
  expect(early.fd).toBe(closed);
  expect(() => handles.file(handle)).toThrow('The handle does not exist.');
  await expect(handles.add({ file: late })).rejects.toThrow('The handle does not exist.');
  expect(late.fd).toBe(closed);
});
