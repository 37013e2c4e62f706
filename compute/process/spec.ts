import * as z from 'zod';
import { ByteSize, byteSize } from '../../contracts/template.ts';

/** `compute.spec` of the kind `process`. Each limit holds for every single process, as the kernel counts them. */
export const ProcessSpec = z.strictObject({
  limits: z
    .strictObject({
      memory: ByteSize.default('4Gi').meta({ description: 'Largest data of one process' }),
      openFiles: z.int().min(64).max(1_048_576).default(4_096).meta({ description: 'Open files of one process' }),
      processes: z.int().min(32).max(1_000_000).optional().meta({
        description: 'Processes of the account that runs Berth, all workspaces together; not enforced for root',
      }),
      fileSize: ByteSize.optional().meta({ description: 'Largest file' }),
      nice: z.int().min(0).max(19).default(5).meta({ description: 'How far Berth itself goes before it' }),
    })
    .prefault({}),
});
export type ProcessSpec = z.infer<typeof ProcessSpec>;
export type Limits = ProcessSpec['limits'];

/** A limit as `ulimit` takes it: the flags to try in turn (shells differ), and the number in the unit of that flag. */
export interface ShellLimit {
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
