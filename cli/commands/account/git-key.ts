import type { GitKey } from '../../../contracts/people.ts';
import { moment } from '../../io/format.ts';
import { harmless } from '../../io/harmless.ts';
import { type Cli, connect, type Options } from '../../server/connect.ts';

type GitKeyAct = 'show' | 'create' | 'rotate';

const asked: Record<GitKeyAct, (cli: Cli) => Promise<GitKey>> = {
  show: ({ client }) => client.getGitKey(),
  create: ({ client }) => client.makeGitKey({ body: {} }),
  rotate: ({ client }) => client.makeGitKey({ body: { rotate: true } }),
};

const told: Record<GitKeyAct, string> = {
  show: 'Add this key where your repositories are hosted.',
  create: 'Add this key where your repositories are hosted.',
  rotate:
    'This is your key from now on: add it where your repositories are hosted, and remove the old one there. Workspaces that run use the old one until they are started again.',
};

/** Only the public key goes to stdout, so that it can be piped. */
export const gitKey = async (act: GitKeyAct, options: Options): Promise<void> => {
  const cli = connect(options);
  const key = await asked[act](cli);
  cli.note(`${harmless(key.fingerprint)}, made ${moment(key.createdAt)}. ${told[act]}`);
  cli.print(key, () => `${harmless(key.publicKey)}\n`);
};
