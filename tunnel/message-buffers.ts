import { maxSentMessageBytes } from './frames.ts';

/** Room for a whole message with its headers. */
const bufferBytes = maxSentMessageBytes + 8 * 1024;
/** Shared by all tunnels of the process, few of which send bulk data at the same time. */
const maxFreeBuffers = 32;

/** Allocating a buffer for a message below this size costs next to nothing. */
const smallMessageBytes = 4 * 1024;

const freeBuffers: Buffer[] = [];

/**
 * Joins parts to one message and passes it to `send`, which calls back when the message was sent. Large messages are
 * built in pooled buffers: allocating 64 KiB for each took more CPU time than sending them.
 */
export const sendAsOneMessage = (
  parts: Buffer[],
  send: (message: Buffer, sent: () => void) => void,
  sent: () => void,
): void => {
  let length = 0;
  for (const part of parts) length += part.length;
  if (length <= smallMessageBytes || length > bufferBytes) return void send(Buffer.concat(parts, length), sent);
  const buffer = freeBuffers.pop() ?? Buffer.allocUnsafeSlow(bufferBytes);
  let at = 0;
  for (const part of parts) at += part.copy(buffer, at);
  send(buffer.subarray(0, length), () => {
    if (freeBuffers.length < maxFreeBuffers) freeBuffers.push(buffer);
    sent();
  });
};
