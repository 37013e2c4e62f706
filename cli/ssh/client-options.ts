import { usageError } from '../failure.ts';
import { knownHostsFile } from './host.ts';

/** Characters that neither a shell nor ssh's configuration takes for anything but themselves. */
const isPlain = (text: string): boolean => /^[A-Za-z0-9 _./:@+,=~[\]-]+$/.test(text);

const plain = (what: string, text: string): string => {
  if (isPlain(text)) return text;
  throw usageError(
    `${what} has characters that cannot stand in ssh's configuration. Use one of letters, digits and ./:-_`,
  );
};

const quoted = (text: string): string => `'${text}'`;

/** Whoever reads ssh's configuration is not to find a password in it. */
const withoutPassword = (url: string): string => {
  const { username, password } = new URL(url);
  if (username === '' && password === '') return url;
  throw usageError('BERTH_URL has a name or a password in it. Leave them out, and sign in with: berth login');
};

/** This very program, as a shell runs it. `%h` is what ssh calls the host, and says nothing else. */
const proxyCommand = (url: string, host: string, start: boolean): string => {
  const program = [process.execPath, ...process.execArgv, process.argv[1] ?? ''].map((part) =>
    plain('The path of berth', part),
  );
  const words = [...program, 'ssh', '--stdio', ...(start ? ['--start'] : [])].map(quoted);
  return [
    'env',
    `BERTH_URL=${quoted(plain('The address of Berth', withoutPassword(url)))}`,
    ...words,
    quoted(host),
  ].join(' ');
};

/** What ssh is told to reach the workspaces of a Berth, whether by its configuration or its command line. */
export const clientOptions = (url: string, host: string, start = false): [name: string, value: string][] => [
  ['ProxyCommand', proxyCommand(url, host, start)],
  ['UserKnownHostsFile', `"${plain('The path of your configuration', knownHostsFile(url))}"`],
  ['GlobalKnownHostsFile', '/dev/null'],
  ['StrictHostKeyChecking', 'yes'],
  ['UpdateHostKeys', 'no'],
  ['CheckHostIP', 'no'],
  // The gateway asked for the sign-in; ssh's own would only look for keys to offer.
  ['PreferredAuthentications', 'none'],
  ['PubkeyAuthentication', 'no'],
  // A workspace is lent one's own keys when asked for (-A), not because other hosts are.
  ['ForwardAgent', 'no'],
  // The quickest that there is an instruction for on every processor.
  ['Ciphers', 'aes128-gcm@openssh.com,aes256-gcm@openssh.com,aes128-ctr,aes256-ctr'],
  ['Compression', 'no'],
  // Over after 45 s without a word: what this counts comes on top of the first interval.
  ['ServerAliveInterval', '15'],
  ['ServerAliveCountMax', '2'],
  // From 10.1 on ssh warns of a key exchange that TLS, in which this one lies, may have made up for already.
  ['IgnoreUnknown', 'WarnWeakCrypto'],
  ['WarnWeakCrypto', 'no'],
];
