import { expect, it } from 'vitest';
import { html } from './html.ts';

it('escapes every value, and what it made itself only once', () => {
  const inner = html`<b title="${'"><script>'}">${"it's & <i>"}</b>`;
  expect(html`<p>${inner}</p>`.text).toBe('<p><b title="&quot;&gt;&lt;script&gt;">it&#39;s &amp; &lt;i&gt;</b></p>');
});
