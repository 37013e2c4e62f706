const begin = '# >>> berth config-ssh >>>';
const end = '# <<< berth config-ssh <<<';

const block = new RegExp(`^${begin}\\n[\\s\\S]*?^${end}\\n(\\n)?`, 'm');

/** ssh's configuration with the line that includes a file, at its top, for ssh takes the first value that it finds. */
export const withInclude = (config: string, file: string): string =>
  `${begin}\nInclude "${file}"\n${end}\n\n${withoutInclude(config)}`;

/** The same without it; everything else stays as it is. */
export const withoutInclude = (config: string): string => config.replace(block, '');

/** The file that is included. */
export const hostBlock = (host: string, options: readonly (readonly [name: string, value: string])[]): string =>
  [
    '# Written by "berth config-ssh", which writes it anew. Take it away with: berth config-ssh --remove',
    // Clients before OpenSSH 9.6 hand a host's name to the shell as it is: none with a quote is one of ours.
    `Host ${host} "!*'*"`,
    ...options.map(([name, value]) => `  ${name} ${value}`),
    '',
  ].join('\n');
