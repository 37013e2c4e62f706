import { open } from 'node:fs/promises';

const newline = 0x0a;
const chunkBytes = 64 * 1024;

/** Returns the number of bytes up to and including a file's last newline, searched from the end. */
const completeBytes = async (handle: Awaited<ReturnType<typeof open>>, size: number): Promise<number> => {
  const chunk = Buffer.alloc(chunkBytes);
  for (let end = size; end > 0; end -= chunkBytes) {
    const start = Math.max(0, end - chunkBytes);
    const { bytesRead } = await handle.read(chunk, 0, end - start, start);
    const at = chunk.subarray(0, bytesRead).lastIndexOf(newline);
    if (at >= 0) return start + at + 1;
  }
  return 0;
};

/** Truncates an incomplete last line, so that the next line is not appended to it. Returns the file's new size. */
export const truncateTornLine = async (file: string): Promise<number> => {
  const handle = await open(file, 'r+');
  try {
    const { size } = await handle.stat();
    const complete = await completeBytes(handle, size);
    if (complete < size) {
      await handle.truncate(complete);
      await handle.sync();
    }
    return complete;
  } finally {
    await handle.close();
  }
};
