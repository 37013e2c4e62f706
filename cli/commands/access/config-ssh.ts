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
import { type Options, outputOf } from '../../io/output.ts';
import { berthUrl } from '../../server/address.ts';
import { clientOptions } from '../../ssh/client-options.ts';
import { hostBlock, withInclude, withoutInclude } from '../../ssh/config-block.ts';
import { hostPattern } from '../../ssh/host.ts';

interface ConfigSshOptions extends Options {
  remove?: boolean;
  dryRun?: boolean;
  /** Whether a connection starts a stopped workspace. */
  start?: boolean;
}

/** The name of Berth's own file next to ssh's configuration. */
const ownName = 'berth.config';

/** The user's configuration may not be valid UTF-8; latin1 preserves every byte. */
const bytes = 'latin1';

/** Replaces a file and keeps its mode. It follows symbolic links, because dotfiles are often links. */
const replace = (file: string, content: Buffer): void => {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const isThere = existsSync(file);
  const real = isThere ? realpathSync(file) : file;
  const mode = isThere ? statSync(real).mode & 0o777 : 0o600;
  const next = `${real}.${process.pid}.new`;
  writeFileSync(next, content, { mode, flag: 'wx' });
  chmodSync(next, mode);
  renameSync(next, real);
};

/** Configures `ssh demo.berth` with a separate file and one Include line in the user's configuration. */
export const configSsh = async (options: ConfigSshOptions): Promise<void> => {
  const { remove = false, dryRun = false, start = true } = options;
  const { print } = outputOf(options);
  const folder = join(homedir(), '.ssh');
  const [config, own] = [join(folder, 'config'), join(folder, ownName)];
  const before = existsSync(config) ? readFileSync(config, bytes) : '';
  const after = remove ? withoutInclude(before) : withInclude(before, ownName);
  const block = remove ? '' : hostBlock(hostPattern, clientOptions(berthUrl(), '%h', start));
  if (dryRun) {
    return print({ config, included: own, text: block, remove }, () =>
      remove
        ? `Would remove the Include line from ${config} and delete ${own}.\n`
        : `# ${own}\n${block}\n# ${config}\n${after}`,
    );
  }
  if (remove) rmSync(own, { force: true });
  else replace(own, Buffer.from(block));
  if (after !== before) replace(config, Buffer.from(after, bytes));
  print({ config, included: own, removed: remove }, () =>
    remove
      ? `Removed the ssh configuration for ${hostPattern}.\n`
      : 'Configured ssh. Connect to your workspaces with: ssh NAME.berth\n',
  );
};
