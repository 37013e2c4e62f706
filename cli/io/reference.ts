import { InvalidArgumentError } from 'commander';

/**
 * Converts a workspace reference from the command line (`demo`, `ada/demo` for another owner, or an id) to the form
 * that the API and the gateway accept: `ada/demo` becomes `demo--ada`, as in the hosts of its apps.
 */
export const workspaceReference = (text: string): string => {
  const [owner, name, ...rest] = text.split('/');
  if (name === undefined) return text;
  if (owner && name && rest.length === 0) return `${name}--${owner}`;
  throw new InvalidArgumentError('Write its name, or owner/name for another person’s, like ada/demo.');
};
