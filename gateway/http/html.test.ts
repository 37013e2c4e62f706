import { expect, it } from 'vitest';
import { html } from './html.ts';

it('escapes every value once, and markup of its own not again', () => {
  const inner = html`<b title="${'"><script>'}">${"it's & <i>"}</b>`;
  expect(html`<p>${inner}</p>`.text).toBe('<p><b title="&quot;&gt;&lt;script&gt;">it&#39;s &amp; &lt;i&gt;</b></p>');
});
