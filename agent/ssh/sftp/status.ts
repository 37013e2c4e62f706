import { NoSuchHandle } from './handles.ts';

export const status = { ok: 0, eof: 1, noSuchFile: 2, permissionDenied: 3, failure: 4, unsupported: 8 } as const;

const codes: Record<string, number> = {
  ENOENT: status.noSuchFile,
  ENOTDIR: status.noSuchFile,
  ELOOP: status.noSuchFile,
  EACCES: status.permissionDenied,
  EPERM: status.permissionDenied,
  EROFS: status.permissionDenied,
  ENOSYS: status.unsupported,
  ENOTSUP: status.unsupported,
};

/** `ENOSPC: no space left on device, write` without its code and call. */
const messageWithoutCode = (message: string): string => /^[A-Z0-9]+: (.+?)(,|$)/.exec(message)?.[1] ?? message;

/** The status of a failed request. Rethrows errors that do not come from the file system. */
export const statusOfError = (thrown: unknown): { code: number; message: string } => {
  if (thrown instanceof NoSuchHandle) return { code: status.failure, message: thrown.message };
  if (!(thrown instanceof Error) || !('code' in thrown)) throw thrown;
  return { code: codes[String(thrown.code)] ?? status.failure, message: messageWithoutCode(thrown.message) };
};
