import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const open = new Set<AsyncDisposable>();

/** A resource that ends with the block that uses it (`await using`), or with the run when that is interrupted. */
export const resource = <T extends object>(thing: T, end: () => Promise<void>): T & AsyncDisposable => {
  let ending: Promise<void> | undefined;
  const resource = Object.assign(thing, {
    [Symbol.asyncDispose]: () => {
      ending ??= end().finally(() => open.delete(resource));
      return ending;
    },
  });
  open.add(resource);
  return resource;
};

/** Ends the open resources, the newest first. */
export const endResources = async (): Promise<void> => {
  for (const thing of [...open].reverse()) await thing[Symbol.asyncDispose]();
};

export const temporaryFolder = (): { path: string } & AsyncDisposable => {
  const path = mkdtempSync(join(tmpdir(), 'berth-bench-'));
  return resource({ path }, async () => rmSync(path, { recursive: true, force: true }));
};
