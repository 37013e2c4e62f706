import { messageBytes } from './frames.ts';

/** Room for a whole message with its headers. */
const size = messageBytes + 8 * 1024;
/** Shared by all tunnels of the process, of which few send much at any moment. */
const mostSpare = 32;

/** A message that is smaller is put together in memory of its own, which costs next to nothing. */
const small = 4 * 1024;

const spare: Buffer[] = [];

/**
 * Puts parts together to one message for `send`, which calls back when the message has left. Large ones are written into
 * memory that is used again and again: 64 KiB of new memory for each took more of the time than their transport.
 */
export const sendTogether = (
  parts: Buffer[],
  send: (message: Buffer, sent: () => void) => void,
  sent: () => void,
): void => {
  let length = 0;
  for (const part of parts) length += part.length;
  if (length <= small || length > size) return void send(Buffer.concat(parts, length), sent);
  const buffer = spare.pop() ?? Buffer.allocUnsafeSlow(size);
  let at = 0;
  for (const part of parts) at += part.copy(buffer, at);
  send(buffer.subarray(0, length), () => {
    if (spare.length < mostSpare) spare.push(buffer);
    sent();
  });
};
