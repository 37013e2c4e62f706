import { usageError } from '../io/errors.ts';
import { knownHostsFile } from './host.ts';

/** Whether the text has only characters that have no special meaning in a shell or in ssh's configuration. */
const isPlain = (text: string): boolean => /^[A-Za-z0-9 _./:@+,=~[\]-]+$/.test(text);

const plainUrl = (url: string): string => {
  if (isPlain(url)) return url;
  throw usageError(
    "The URL of Berth has characters that ssh's configuration does not allow. Use letters, digits and ./:-_ only.",
  );
};

/** Rejects line ends, which would begin another option, and NUL. */
const oneLine = (what: string, text: string): string => {
  if (!/[\0\r\n]/.test(text)) return text;
  throw usageError(`${what} contains a line end, which ssh's configuration does not allow. Rename its folder.`);
};

/** Quotes one word of a command that ssh passes to a shell after expanding its `%` tokens. */
const shellWord = (text: string): string => `'${text.replaceAll("'", "'\\''").replaceAll('%', '%%')}'`;

/**
 * Quotes a path as the value of an option. ssh expands `%` tokens and `${VARIABLE}` in it, and not every version can
 * escape a quotation mark inside quotation marks.
 */
const quotedPath = (what: string, path: string): string => {
  if (!/"|\$\{/.test(path)) return `"${oneLine(what, path).replaceAll('%', '%%')}"`;
  throw usageError(
    `${what} contains " or \${, which ssh's configuration does not allow. Set XDG_CONFIG_HOME to another folder.`,
  );
};

/** Rejects a URL with credentials, so that no password is written to ssh's configuration. */
const requireNoPassword = (url: string): string => {
  const { username, password } = new URL(url);
  if (username === '' && password === '') return url;
  throw usageError('BERTH_URL contains a user name or a password. Remove them, and sign in with: berth login');
};

/** The shell command that runs this program. `host` may be `%h`, which ssh replaces with the host name. */
const proxyCommand = (url: string, host: string, start: boolean): string => {
  const program = [process.execPath, ...process.execArgv, process.argv[1] ?? ''];
  const command = [...program, 'ssh', '--stdio', ...(start ? [] : ['--no-start'])].map((word) =>
    shellWord(oneLine('The path of berth', word)),
  );
  return ['env', `BERTH_URL=${shellWord(plainUrl(requireNoPassword(url)))}`, ...command, `'${host}'`].join(' ');
};

/** The ssh options that reach the workspaces of a server, for the configuration file and the command line. */
export const clientOptions = (url: string, host: string, start = true): [name: string, value: string][] => [
  ['ProxyCommand', proxyCommand(url, host, start)],
  ['UserKnownHostsFile', quotedPath('The path of your configuration', knownHostsFile(url))],
  ['GlobalKnownHostsFile', '/dev/null'],
  ['StrictHostKeyChecking', 'yes'],
  ['UpdateHostKeys', 'no'],
  ['CheckHostIP', 'no'],
  // The gateway has already authenticated the user, so ssh need not look for keys to offer.
  ['PreferredAuthentications', 'none'],
  ['PubkeyAuthentication', 'no'],
  // Agent forwarding needs an explicit -A; a default for other hosts must not apply to workspaces.
  ['ForwardAgent', 'no'],
  // The fastest ciphers, because common processors have AES instructions.
  ['Ciphers', 'aes128-gcm@openssh.com,aes256-gcm@openssh.com,aes128-ctr,aes256-ctr'],
  ['Compression', 'no'],
  // ssh disconnects after 45 s without a response: the count is in addition to the first interval.
  ['ServerAliveInterval', '15'],
  ['ServerAliveCountMax', '2'],
  // OpenSSH 10.1 and later warn about a key exchange that is not post-quantum, but this one runs inside TLS.
  ['IgnoreUnknown', 'WarnWeakCrypto'],
  ['WarnWeakCrypto', 'no'],
];
