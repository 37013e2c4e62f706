import * as z from 'zod';

/** `512Mi`, `2Gi`. */
export const ByteSize = z.string().regex(/^[1-9][0-9]{0,6}(Ki|Mi|Gi)$/, 'A size is a whole number and Ki, Mi or Gi');
const unitBytes = { Ki: 1024, Mi: 1024 ** 2, Gi: 1024 ** 3 } as const;
export const byteSize = (size: string): number =>
  Number(size.slice(0, -2)) * unitBytes[size.slice(-2) as keyof typeof unitBytes];
