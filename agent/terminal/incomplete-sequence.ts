const escapeByte = 0x1b;

/**
 * A longer sequence carries data, such as an image. A new viewer is sent only its start, which is enough to not show
 * the rest as text, and a program that never ends a sequence cannot fill the memory.
 */
const maxSequenceBytes = 64 * 1024;

/** The number of bytes at the end that start an incomplete UTF-8 character (RFC 3629). */
const incompleteCharacterBytes = (bytes: Buffer): number => {
  for (let back = 1; back <= Math.min(3, bytes.length); back += 1) {
    const byte = bytes[bytes.length - back] ?? 0;
    if (byte < 0x80) return 0;
    if (byte < 0xc0) continue;
    const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
    return back < length ? back : 0;
  }
  return 0;
};

/**
 * The end of the output that a terminal has parsed without effect yet: the start of an escape sequence (`inSequence`)
 * or of a character. A viewer that joins at this point needs these bytes before the ones that follow.
 */
export const incompleteSequence = (before: Buffer, bytes: Buffer, inSequence: boolean): Buffer => {
  if (!inSequence) {
    const last = before.length === 0 ? bytes.subarray(-3) : Buffer.concat([before, bytes]).subarray(-3);
    return Buffer.from(last.subarray(last.length - incompleteCharacterBytes(last)));
  }
  const start = bytes.lastIndexOf(escapeByte);
  if (start !== -1) return Buffer.from(bytes.subarray(start, start + maxSequenceBytes));
  const room = maxSequenceBytes - before.length;
  return room <= 0 ? before : Buffer.concat([before, bytes.subarray(0, room)]);
};
