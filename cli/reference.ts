import { InvalidArgumentError } from 'commander';

/**
 * A workspace as people write it: `demo` for one's own, `ada/demo` for another person's, or an id; as the API and the
 * gateway read it: `ada/demo` is `demo--ada`, like in the addresses of its apps.
 */
export const workspaceReference = (text: string): string => {
  const [owner, name, ...rest] = text.split('/');
  if (name === undefined) return text;
  if (owner && name && rest.length === 0) return `${name}--${owner}`;
  throw new InvalidArgumentError('Write its name, or owner/name for another person’s, like ada/demo.');
};
