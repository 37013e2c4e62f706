import { join } from 'node:path';
import { usageError } from '../io/errors.ts';
import { configFolder } from '../sign-in/files.ts';

/** The suffix of a workspace's host name in ssh: `demo.berth`, `demo--ada.berth`. */
const suffix = '.berth';

/** Whether the text is a workspace's name, `name--owner` or id, and so is safe in ssh's files and in a shell. */
const isReference = (text: string): boolean => /^[a-z][a-z0-9]*(--?[a-z0-9]+)*$/.test(text) && text.length <= 60;

/** Returns the workspace reference for a workspace's name or its ssh host name. */
export const parseReference = (text: string): string => {
  const reference = text.endsWith(suffix) ? text.slice(0, -suffix.length) : text;
  if (isReference(reference)) return reference;
  throw usageError(
    'Invalid workspace name. Use one that "berth ls" shows, such as demo, or its host for ssh, demo.berth.',
  );
};

export const sshHost = (reference: string): string => reference + suffix;
export const hostPattern = `*${suffix}`;

/** The known-hosts file of one server, because two servers can have workspaces of the same name. */
export const knownHostsFile = (url: string): string =>
  join(configFolder(), 'ssh', `known_hosts-${url.replace(/^https?:\/\//, '').replace(/[^a-zA-Z0-9.-]+/g, '-')}`);
