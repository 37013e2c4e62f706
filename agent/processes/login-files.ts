import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Puts the folders of the workspace's PATH first and appends those that the profile added, each once. */
const mergePath = `_berth_rest=$PATH:
PATH=$BERTH_LOGIN_PATH
while [ -n "$_berth_rest" ]; do
  _berth_folder=\${_berth_rest%%:*}
  _berth_rest=\${_berth_rest#*:}
  case ":$PATH:" in
    *":$_berth_folder:"*) ;;
    *) [ -z "$_berth_folder" ] || PATH=$PATH:$_berth_folder ;;
  esac
done
export PATH
unset _berth_rest _berth_folder BERTH_LOGIN_PATH
`;

const readSystemProfile = `if [ -r /etc/profile ]; then . /etc/profile; fi
${mergePath}`;

/** Restores the variable that made the shell read this file to its original value. */
const restoreVariable = (name: string) => `unset ${name}
if [ -n "\${BERTH_LOGIN_${name}+set}" ]; then export ${name}="$BERTH_LOGIN_${name}"; unset BERTH_LOGIN_${name}; fi
`;

const bash = `${restoreVariable('BASH_ENV')}${readSystemProfile}for _berth_file in ~/.bash_profile ~/.bash_login ~/.profile; do
  if [ -r "$_berth_file" ]; then
    . "$_berth_file"
    break
  fi
done
unset _berth_file
case $- in *i*)
  alias logout=exit
  trap 'if [ -r ~/.bash_logout ]; then . ~/.bash_logout; fi' EXIT
esac
`;

const sh = `${restoreVariable('ENV')}${readSystemProfile}if [ -r ~/.profile ]; then . ~/.profile; fi
case $- in *i*)
  if [ -n "\${ENV-}" ]; then
    eval "_berth_file=\\"$ENV\\""
    if [ -r "$_berth_file" ]; then . "$_berth_file"; fi
    unset _berth_file
  fi
esac
`;

/** zsh looks each file up in the current ZDOTDIR, so ours is set while it reads .zshenv and .zprofile. */
const zshenv = `_berth_zdotdir=$ZDOTDIR
${restoreVariable('ZDOTDIR')}if [ -r "\${ZDOTDIR:-$HOME}/.zshenv" ]; then . "\${ZDOTDIR:-$HOME}/.zshenv"; fi
if [ -n "\${ZDOTDIR+set}" ]; then BERTH_LOGIN_ZDOTDIR=$ZDOTDIR; fi
ZDOTDIR=$_berth_zdotdir
unset _berth_zdotdir
`;

const zprofile = `${restoreVariable('ZDOTDIR')}${mergePath}if [ -r "\${ZDOTDIR:-$HOME}/.zprofile" ]; then . "\${ZDOTDIR:-$HOME}/.zprofile"; fi
`;

/** The files by name. zsh prescribes the names of its two. */
const files = { bash, sh, '.zshenv': zshenv, '.zprofile': zprofile };

/**
 * Writes the files that login shells read between the system profile and the person's own, and returns their folder.
 * Each start of a shell checks them, because /tmp may have been cleaned meanwhile. Intact files are not rewritten,
 * because a shell may be reading them.
 */
export const writeLoginFiles = (runDir: string): string => {
  const folder = join(runDir, 'login');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  for (const [name, text] of Object.entries(files)) {
    const file = join(folder, name);
    if (!existsSync(file) || readFileSync(file, 'utf8') !== text) writeFileSync(file, text);
  }
  return folder;
};
