const begin = '# >>> berth config-ssh >>>';
const end = '# <<< berth config-ssh <<<';

const block = new RegExp(`^${begin}\\n[\\s\\S]*?^${end}\\n(\\n)?`, 'm');

/**
 * Adds an Include line at the top of ssh's configuration, because ssh uses the first value that it finds for an option.
 * The line names the file without its folder, whose path may contain characters that need quoting.
 */
export const withInclude = (config: string, name: string): string =>
  `${begin}\nInclude ${name}\n${end}\n\n${withoutInclude(config)}`;

/** Removes the Include line and leaves the rest of the configuration unchanged. */
export const withoutInclude = (config: string): string => config.replace(block, '');

/** The content of the included file. */
export const hostBlock = (host: string, options: readonly (readonly [name: string, value: string])[]): string =>
  [
    '# Written by "berth config-ssh", which overwrites changes. Remove it with: berth config-ssh --remove',
    // Before OpenSSH 9.6, ssh passes a host name to the shell unescaped, so names with a quote are excluded.
    `Host ${host} "!*'*"`,
    ...options.map(([name, value]) => `  ${name} ${value}`),
    '',
  ].join('\n');
