import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { cliSuite } from './suite.ts';

const { json, runAsGrace, runBerth } = cliSuite();

describe('template push', () => {
  const pushed = 'name: pushed\ncompute: { kind: process }\n';
  const givenFolder = (files: Record<string, string>) => {
    const folder = temporaryFolder();
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
    return folder;
  };

  test('publishes a folder with its README, and nothing when its content is the same', async () => {
    const folder = givenFolder({ 'template.yaml': pushed, 'README.md': 'How to use it', 'notes.txt': 'stays here' });
    expect(await runAsGrace('template', 'push', folder)).toEqual({
      code: 0,
      out: 'Published pushed version 1.\n',
      err: '',
    });
    expect((await runAsGrace('template', 'push', folder)).out).toBe(
      'Nothing changed: pushed version 1 has the same content.\n',
    );
    const { active } = await json('template', 'show', 'pushed');
    expect(active).toMatchObject({ version: 1, readme: 'How to use it', createdBy: 'grace' });
    writeFileSync(join(folder, 'template.yaml'), `${pushed}icon: code\n`);
    expect(JSON.parse((await runAsGrace('template', 'push', folder, '--json')).out)).toEqual({
      template: 'pushed',
      version: 2,
      published: true,
      activeVersion: 2,
    });
  });

  test('reports every error in the file, and refuses people without the permission', async () => {
    const folder = givenFolder({ 'template.yaml': 'name: wrong\ncolour: red\nicon: nope\ncompute: {}\n' });
    const refused = await runAsGrace('template', 'push', folder);
    expect(refused.code).toBe(1);
    expect(refused.err).toMatch(/colour: line 2, column 1: [\s\S]*icon: line 3, column 7: /);
    const broken = await runAsGrace('template', 'push', givenFolder({ 'template.yaml': 'name: wrong\ncompute: [\n' }));
    expect(broken.err).toMatch(/\n {2}line 3, column 1: /);
    expect(await runBerth('template', 'push', folder)).toEqual({
      code: 1,
      out: '',
      err: 'berth: Only admins and template admins may publish templates. Ask one of them.\n',
    });
  });

  test('refuses a folder without a valid template', async () => {
    const expectRefusal = async (folder: string, message: string) =>
      expect(await runAsGrace('template', 'push', folder)).toEqual({ code: 2, out: '', err: `berth: ${message}\n` });
    const [empty, file] = [givenFolder({}), join(givenFolder({ x: '' }), 'x')];
    for (const folder of [empty, file, join(empty, 'nowhere')]) {
      await expectRefusal(folder, `There is no template.yaml in ${folder}. Use the folder of a template.`);
    }
    const large = givenFolder({ 'template.yaml': pushed, 'README.md': 'x'.repeat(65_537) });
    await expectRefusal(large, `README.md in ${large} is larger than 64 KB. Shorten it.`);
    const nameless = givenFolder({ 'template.yaml': 'name: Not A Name\n' });
    await expectRefusal(
      nameless,
      `The template.yaml in ${nameless} has no valid name. Add one, such as "name: linux".`,
    );
    const nested = givenFolder({});
    mkdirSync(join(nested, 'template.yaml'));
    await expectRefusal(nested, `template.yaml in ${nested} is not a file. Replace it with one.`);
  });

  test('does not follow links out of the folder, but follows links inside it and to it', async () => {
    const outside = join(givenFolder({ secret: 'private' }), 'secret');
    const folder = givenFolder({ 'template.yaml': pushed.replace('pushed', 'linked'), 'words.md': 'Words' });
    symlinkSync(outside, join(folder, 'README.md'));
    const refused = await runAsGrace('template', 'push', folder);
    expect(refused).toMatchObject({ code: 2, err: expect.stringContaining('README.md') });
    expect(refused.err).toContain('is a link to a file outside of the folder');
    expect((await runAsGrace('template', 'show', 'linked')).code).toBe(4);

    rmSync(join(folder, 'README.md'));
    symlinkSync('words.md', join(folder, 'README.md'));
    const link = join(givenFolder({}), 'link');
    symlinkSync(folder, link);
    expect((await runAsGrace('template', 'push', link)).out).toBe('Published linked version 1.\n');
    expect((await json('template', 'show', 'linked')).active.readme).toBe('Words');
  });
});
