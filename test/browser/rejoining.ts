import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { untilStatus } from '../support/berth.ts';
import { givenExec } from '../support/clients/exec.ts';
import { isInstalled } from '../support/clients/ssh.ts';
import type { TestPortal } from './portal.ts';

const rows = (page: Page) => page.locator('.xterm-rows:visible');
const shows = (page: Page, text: string) => rows(page).getByText(text, { exact: true }).first().waitFor();
const screenOf = async (page: Page) => (await rows(page).innerText()).replaceAll('\u00a0', ' ');
const connected = (page: Page) =>
  expect.poll(() => page.getByRole('status').allInnerTexts(), { timeout: 30_000 }).toContain('Connected');
const reload = async (page: Page) => {
  await page.reload();
  await connected(page);
};

/** Opens the terminal of a running workspace, and finds the path of its home. */
const givenTerminal = async (portal: TestPortal) => {
  const ada = portal.berth.as('ada');
  const { id } = await ada.createWorkspace({ body: { name: 'demo', template: 'quickstart', parameters: {} } });
  await untilStatus(ada, id, 'running');
  const pwd = await givenExec(portal.berth, id, ['pwd']);
  await pwd.exit;
  const page = await portal.givenSignedIn('ada', { path: `/workspaces/${id}/terminal` });
  await connected(page);
  return { id, page, home: pwd.output().trim() };
};

/** Counts the foreground pixels in each row of pixels in a part of the page. */
const inkOf = async (page: Page, clip: { x: number; y: number; width: number; height: number }): Promise<number[]> => {
  const png = (await page.screenshot({ clip })).toString('base64');
  return page.evaluate(async (png) => {
    const bytes = Uint8Array.from(atob(png), (character) => character.charCodeAt(0));
    const image = await createImageBitmap(new Blob([bytes], { type: 'image/png' }));
    const context = new OffscreenCanvas(image.width, image.height).getContext('2d');
    if (context === null) throw new Error('no canvas');
    context.drawImage(image, 0, 0);
    return Array.from({ length: image.height }, (_, y) => {
      const { data } = context.getImageData(0, y, image.width, 1);
      return Array.from({ length: image.width }, (_, x) => data[4 * x] ?? 0).filter((red) => red > 60).length;
    });
  }, png);
};

const editor = isInstalled('vim') ? 'vim -u NONE' : "printf '\\033[c\\033[>c\\033[6n\\033]11;?\\007\\033[?1049h'; cat";

/** Terminals that are resumed, and terminals with several viewers. */
export const rejoining = (portal: TestPortal): void => {
  describe('a resumed terminal', () => {
    it('gets no stray input: at the prompt, in a file, or at a question', async () => {
      const { page, home } = await givenTerminal(portal);
      await page.keyboard.type(`clear; ${editor} x; echo out-$((1+1))\n`);
      // An editor would consume input typed before it starts, and everything after its end with it.
      if (isInstalled('vim'))
        await rows(page)
          .getByText(/"x" \[New/)
          .waitFor();
      await page.keyboard.type(isInstalled('vim') ? ':q!\n' : '\u0004');
      await shows(page, 'out-2');
      await page.keyboard.type('echo left-$((1+1))\n');
      await shows(page, 'left-2');
      await reload(page);
      await shows(page, 'left-2');
      await page.keyboard.press('Enter');
      await page.keyboard.type('echo "<$((1 + 1))>"; cat > file\n');
      await shows(page, '<2>');
      expect(await screenOf(page)).not.toMatch(/rgb:|276;0c|command not found/);

      await reload(page);
      await page.keyboard.type('only this\n');
      await page.keyboard.press('Control+D');
      await page.keyboard.type('read -n1 -p "k""ey? " key; echo "<$key>"\n');
      await page.getByText('key?').first().waitFor();
      await reload(page);
      await page.getByText('key?').first().waitFor();
      await page.keyboard.type('y');
      await rows(page).getByText('<y>').first().waitFor();
      expect(readFileSync(join(home, 'file'), 'utf8')).toBe('only this\n');
    });

    it('shows the same screen to several viewers, at the size of the one who types', async () => {
      const { id, page, home } = await givenTerminal(portal);
      const linus = await portal.berth.as('linus').me();
      await portal.berth.as('ada').createShare({
        params: { workspace: id },
        body: { what: { kind: 'workspace' }, with: { kind: 'person', person: linus.name } },
      });
      const other = await portal.givenSignedIn('linus', { path: `/workspaces/${id}/terminal` });
      await connected(other);
      await other.setViewportSize({ width: 700, height: 400 });
      const sizeFor = async (typist: Page, name: string) => {
        await typist.keyboard.type(`stty size > ${name}; echo ${name}-$((1+1))\n`);
        await shows(page, `${name}-2`);
        await shows(other, `${name}-2`);
        return readFileSync(join(home, name), 'utf8').trim().split(' ').map(Number) as [number, number];
      };
      const [ownRows, ownColumns] = await sizeFor(page, 'own');
      const [theirRows, theirColumns] = await sizeFor(other, 'theirs');
      expect(theirRows).toBeLessThan(ownRows);
      expect(theirColumns).toBeLessThan(ownColumns);
      await page.keyboard.type(
        'clear; printf \'\\033[c\'; read -s -t 5 -d c answer; read -s -t 1 -d c more; echo "<$more>"\n',
      );
      await shows(page, '<>');
      await shows(other, '<>');
      expect(await screenOf(other)).toBe(await screenOf(page));
      await other.keyboard.type('true\n');
      await other.close();
      await page.keyboard.type('until [ "$(stty size)" = ');
      await page.keyboard.type(`"${ownRows} ${ownColumns}" ]; do sleep 0.1; done; echo large-$((1+1))\n`);
      await shows(page, 'large-2');
    });

    it('accepts a paste of 6 MB completely', async () => {
      const { page, home } = await givenTerminal(portal);
      await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
      const text = Array.from(
        { length: 100_000 },
        (_, line) => `line ${line} of a long text, with ünïcödé and $(touch run)`,
      ).join('\n');
      expect(Buffer.byteLength(text)).toBeGreaterThan(6_000_000);
      await page.keyboard.type('clear; stty -echo; cat > pasted; stty echo; echo over-$((1+1))\n');
      await page.evaluate((text) => navigator.clipboard.writeText(text), text);
      await page.keyboard.press('Control+V');
      await page.getByRole('dialog').getByRole('button', { name: 'Paste', exact: true }).click();
      await page.keyboard.type('\n');
      await page.keyboard.press('Control+D');
      await rows(page).getByText('over-2', { exact: true }).first().waitFor({ timeout: 60_000 });
      const sum = (content: string | Buffer) => createHash('sha256').update(content).digest('hex');
      expect(sum(readFileSync(join(home, 'pasted')))).toBe(sum(`${text}\n`));
      expect(existsSync(join(home, 'run'))).toBe(false);
    });

    it('shows underscores, the whole last row, and wide characters as wide as programs assume', async () => {
      const { page } = await givenTerminal(portal);
      await page.keyboard.type(
        "PS1=; clear; printf '%s|\\n' '✅日' 1234; tput cup $((LINES - 1)) 0; printf '____gjpqy|'; read -s\n",
      );
      await page.locator('.xterm-rows:visible > div').last().getByText('____').waitFor();
      const box = await page.locator('.xterm:visible').evaluate((terminal) => {
        const { bottom } = (terminal.parentElement as Element).getBoundingClientRect();
        const [first, second] = Array.from(terminal.querySelectorAll('.xterm-rows > div')).map((row) => {
          const walker = document.createTreeWalker(row, NodeFilter.SHOW_TEXT);
          for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
            const at = node.textContent?.indexOf('|') ?? -1;
            if (at < 0) continue;
            const range = document.createRange();
            range.setStart(node, at);
            range.setEnd(node, at + 1);
            return range.getBoundingClientRect().left;
          }
          return undefined;
        });
        return { bottom, bars: [first, second] };
      });
      expect(Math.abs((box.bars[0] ?? 0) - (box.bars[1] ?? 99))).toBeLessThan(1.5);
      const last = await page.locator('.xterm-rows:visible > div').last().boundingBox();
      if (last === null) throw new Error('There is no last row.');
      expect(last.y + last.height).toBeLessThanOrEqual(box.bottom);
      const cell = (await page.locator('.xterm-rows:visible > div').last().boundingBox())?.height ?? 0;
      // Four underscores and nothing else form one or two rows of pixels.
      const ink = await inkOf(page, { x: last.x, y: last.y, width: 30, height: cell });
      expect(Math.max(...ink)).toBeGreaterThan(20);
    });
  });
};
