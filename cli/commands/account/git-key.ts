import { sanitizeLine } from '../../../base/sanitize.ts';
import type { GitKey } from '../../../contracts/people.ts';
import { dateTime } from '../../io/format.ts';
import { type Cli, connect, type Options } from '../../server/connect.ts';

type GitKeyAction = 'show' | 'create' | 'rotate';

const requests: Record<GitKeyAction, (cli: Cli) => Promise<GitKey>> = {
  show: ({ client }) => client.getGitKey(),
  create: ({ client }) => client.makeGitKey({ body: {} }),
  rotate: ({ client }) => client.makeGitKey({ body: { rotate: true } }),
};

const hints: Record<GitKeyAction, string> = {
  show: 'Add this key to the host of your repositories.',
  create: 'Add this key to the host of your repositories.',
  rotate:
    'Add this key to the host of your repositories, and remove the old one there. Running workspaces use the old key until they are restarted.',
};

/** Only the public key goes to stdout, so that it can be piped. */
export const gitKey = async (action: GitKeyAction, options: Options): Promise<void> => {
  const cli = connect(options);
  const key = await requests[action](cli);
  cli.note(`${sanitizeLine(key.fingerprint)}, created ${dateTime(key.createdAt)}. ${hints[action]}`);
  cli.print(key, () => `${sanitizeLine(key.publicKey)}\n`);
};
