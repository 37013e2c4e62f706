import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { berthUrl } from '../address.ts';
import { type Options, outputOf } from '../output.ts';
import { clientOptions } from '../ssh/client-options.ts';
import { hostBlock, withInclude, withoutInclude } from '../ssh/config-block.ts';
import { allHosts } from '../ssh/host.ts';

export interface ConfigSshOptions extends Options {
  remove?: boolean;
  dryRun?: boolean;
}

/** What others wrote into a file need not be UTF-8, and is to stay as it is. */
const bytes = 'latin1';

/** Replaces a file whole, where it really is and with its mode; dotfiles are often links. */
const replace = (file: string, text: string): void => {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const isThere = existsSync(file);
  const real = isThere ? realpathSync(file) : file;
  const mode = isThere ? statSync(real).mode & 0o777 : 0o600;
  const next = `${real}.${process.pid}.new`;
  writeFileSync(next, text, { mode, flag: 'wx', encoding: bytes });
  chmodSync(next, mode);
  renameSync(next, real);
};

/** Lets `ssh demo.berth` reach workspaces: one file of Berth's own, and one line that includes it. */
export const configSsh = async (options: ConfigSshOptions): Promise<void> => {
  const { remove = false, dryRun = false } = options;
  const { print } = outputOf(options);
  const folder = join(homedir(), '.ssh');
  const [config, own] = [join(folder, 'config'), join(folder, 'berth.config')];
  const before = existsSync(config) ? readFileSync(config, bytes) : '';
  const after = remove ? withoutInclude(before) : withInclude(before, own);
  const block = remove ? '' : hostBlock(allHosts, clientOptions(berthUrl(), '%h'));
  if (dryRun) {
    return print({ config, included: own, text: block, remove }, () =>
      remove
        ? `Would take the Include line out of ${config}, and remove ${own}.\n`
        : `# ${own}\n${block}\n# ${config}\n${after}`,
    );
  }
  if (remove) rmSync(own, { force: true });
  else replace(own, block);
  if (after !== before) replace(config, after);
  print({ config, included: own, removed: remove }, () =>
    remove
      ? `ssh no longer knows ${allHosts}.\n`
      : `ssh knows your workspaces now: ssh NAME.berth, scp, sftp, rsync, and editors that use ssh.\n`,
  );
};
