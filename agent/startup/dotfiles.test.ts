import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { checkParameter } from '../../contracts/templates/check-parameters.ts';
import { TemplateFile } from '../../contracts/templates/template-file.ts';
import { isGitUrl } from './dotfiles.ts';

const repositoryRoot = join(import.meta.dirname, '../..');

const good = [
  'https://github.com/ada/dotfiles',
  'https://git.example:8443/@ada/dotfiles',
  'http://git.example/x.git',
  'ssh://git@git.example/x.git',
  'ssh://git@git.example:2222/x.git',
  'git://git.example/x.git',
  'git@github.com:ada/dotfiles.git',
  'file:///srv/dotfiles.git',
  '/srv/dotfiles.git',
];
const bad = [
  'ext::sh -c id',
  'ext::sh',
  '--upload-pack=touch pwned',
  '-oProxyCommand=id',
  'fd::7',
  'https://x y',
  'ftp://git.example/x',
  'dotfiles',
  'git@host::x',
];
const withPassword = [
  'https://user:secret@git.example/x.git',
  'https://ghp_0123456789abcdef@github.com/ada/dotfiles',
  'https://user:se#c?ret@git.example/x',
  'https://user:@git.example/x',
  'http://:secret@git.example/x',
  'ssh://git:secret@git.example/x.git',
  'git://user:secret@git.example/x.git',
];

it.each(good)('passes %s to git', (url) => {
  expect(isGitUrl(url)).toBe(true);
});

it.each([...bad, ...withPassword, ''])('does not pass %j to git', (url) => {
  expect(isGitUrl(url)).toBe(false);
});

describe.each(globSync('templates/*/template.yaml', { cwd: repositoryRoot }))('%s', (path) => {
  const file = TemplateFile.parse(parse(readFileSync(join(repositoryRoot, path), 'utf8')));
  const dotfiles = file.parameters.find(({ name }) => name === 'dotfiles');
  const problemOf = (url: string) => dotfiles && checkParameter(dotfiles, url);

  it('rejects the dotfiles URLs that are not passed to git, and names the alternative', () => {
    for (const url of [...good, '']) expect(problemOf(url), url).toBeUndefined();
    const refused = dotfiles === undefined ? [] : [...bad, ...withPassword];
    for (const url of refused) expect(problemOf(url), url).toMatch(/without a password.*SSH URL.*public/);
  });
});
