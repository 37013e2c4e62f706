import { join } from 'node:path';
import { usageError } from '../failure.ts';
import { configFolder } from '../sign-in/files.ts';

/** What ssh calls a workspace: `demo.berth`, `demo--ada.berth`. */
const suffix = '.berth';

/** Fit for a file of ssh's and for a shell: a workspace's name, `name--owner`, or its id. */
const isReference = (text: string): boolean => /^[a-z][a-z0-9]*(--?[a-z0-9]+)*$/.test(text) && text.length <= 60;

/** The workspace that is meant by its own name or by ssh's for it. */
export const referenceIn = (text: string): string => {
  const reference = text.endsWith(suffix) ? text.slice(0, -suffix.length) : text;
  if (isReference(reference)) return reference;
  throw usageError(
    'This is no name of a workspace. Write one that "berth ls" shows, like demo, or demo.berth for ssh.',
  );
};

export const hostOf = (reference: string): string => reference + suffix;
export const allHosts = `*${suffix}`;

/** The host keys of one Berth's workspaces: two Berths may have workspaces of one name. */
export const knownHostsFile = (url: string): string =>
  join(configFolder(), 'ssh', `known_hosts-${url.replace(/^https?:\/\//, '').replace(/[^a-zA-Z0-9.-]+/g, '-')}`);
