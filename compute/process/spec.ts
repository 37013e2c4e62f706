import * as z from 'zod';
import { ByteSize, byteSize } from '../../contracts/values/byte-size.ts';

/** `compute.spec` of the kind `process`. The kernel applies each limit to every single process. */
export const ProcessSpec = z.strictObject({
  limits: z
    .strictObject({
      memory: ByteSize.default('4Gi').meta({ description: 'Maximum data segment of one process' }),
      openFiles: z
        .int()
        .min(64)
        .max(1_048_576)
        .default(4_096)
        .meta({ description: 'Maximum open files of one process' }),
      processes: z.int().min(32).max(1_000_000).optional().meta({
        description: 'Maximum processes of the account that runs Berth, over all workspaces; not enforced for root',
      }),
      fileSize: ByteSize.optional().meta({ description: 'Maximum size of a file' }),
      nice: z
        .int()
        .min(0)
        .max(19)
        .default(5)
        .meta({ description: 'CPU priority: the higher, the more Berth itself takes precedence' }),
    })
    .prefault({}),
});
export type ProcessSpec = z.infer<typeof ProcessSpec>;
export type Limits = ProcessSpec['limits'];

/** A limit for `ulimit`: the flags to try in turn (shells differ), and the amount in the unit of those flags. */
interface ShellLimit {
  field: keyof Limits;
  flags: readonly string[];
  amount: number;
}

const kibibytes = (size: string): number => byteSize(size) / 1024;
/** POSIX counts a file's size in blocks of 512 bytes. */
const blocks = (size: string): number => byteSize(size) / 512;

export const shellLimits = ({ memory, openFiles, processes, fileSize }: Limits): ShellLimit[] => [
  { field: 'memory', flags: ['-d'], amount: kibibytes(memory) },
  { field: 'openFiles', flags: ['-n'], amount: openFiles },
  ...(processes === undefined ? [] : [{ field: 'processes', flags: ['-u', '-p'], amount: processes } as const]),
  ...(fileSize === undefined ? [] : [{ field: 'fileSize', flags: ['-f'], amount: blocks(fileSize) } as const]),
];
