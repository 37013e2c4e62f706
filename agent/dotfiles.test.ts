import { expect, it } from 'vitest';
import { isGitUrl } from './dotfiles.ts';

it.each([
  'https://github.com/ada/dotfiles',
  'http://git.example/x.git',
  'ssh://git@git.example/x.git',
  'git://git.example/x.git',
  'git@github.com:ada/dotfiles.git',
  'file:///srv/dotfiles.git',
  '/srv/dotfiles.git',
])('gives git %s', (url) => {
  expect(isGitUrl(url)).toBe(true);
});

it.each([
  'ext::sh -c id',
  'ext::sh',
  '--upload-pack=touch pwned',
  '-oProxyCommand=id',
  'fd::7',
  'https://x y',
  'ftp://git.example/x',
  'dotfiles',
  'git@host::x',
  '',
])('never gives git %j', (url) => {
  expect(isGitUrl(url)).toBe(false);
});
