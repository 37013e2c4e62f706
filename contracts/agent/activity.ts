/**
 * Activity is something that a person did. A workspace stops when it is idle, so nothing that a machine sends on its
 * own may count: an open tab polls, sends keep-alives and acknowledges output, and would keep its workspace running.
 * This file contains the whole rule.
 *
 * | signal | counts | seen by |
 * | --- | --- | --- |
 * | web terminal | typed or pasted input: `isTyped` | agent |
 * | `berth exec` | its start, its input | agent |
 * | SSH shell, command | its start; with a terminal `isTyped`, otherwise `Novelty` | agent |
 * | SFTP | each request, because a person started the transfer | agent |
 * | forwarded port, by `berth port-forward`, `ssh -L` or `-D` | what the client sends, by `Novelty` | agent |
 * | link or form to an app or port in a browser | if a person followed or sent it: `isPersonsNavigation` | gateway |
 * | page of an app or port | keys, clicks, scrolling: `activityScript` | gateway |
 *
 * Not counted: output; opening, closing or reconnecting; window sizes; keep-alives of SSH and WebSockets; health
 * checks; requests and WebSocket messages of a page; connections that `ssh -R` opens from the workspace.
 */

/** What a terminal emulator sends on its own: replies to a program's queries, and focus reports. */
const emulatorReports = [
  // Cursor position, device attributes and status, modes, window sizes, focus.
  '\\x1b\\[[?>=]?[0-9;]*(?:R|c|n|\\$y|t)',
  // The active keyboard protocol; without the question mark it is a key of that protocol.
  '\\x1b\\[\\?[0-9]+u',
  '\\x1b\\[[IO]',
  // Colors, clipboard and other operating system commands; device control and application program strings.
  '\\x1b\\][^\\x07\\x1b]*(?:\\x07|\\x1b\\\\)',
  '\\x1b[P_][^\\x1b]*\\x1b\\\\',
].join('|');
const reports = new RegExp(emulatorReports, 'g');

/** Whether a terminal's input contains more than the emulator's own reports. */
export const isTyped = (bytes: Uint8Array): boolean =>
  bytes.length > 0 && (bytes[0] !== 0x1b || Buffer.from(bytes).toString('latin1').replace(reports, '') !== '');

/** Larger than any keep-alive or poll: a person transfers data. */
const bulkBytes = 16 * 1024;
/** Enough for a few concurrent pollers and keep-alives; a person at work sends more sizes within seconds. */
const remembered = 16;

/**
 * Distinguishes a person from a program in an encrypted or unknown stream: programs repeat messages of the same size,
 * while keys and clicks cause messages of varying sizes.
 */
export class Novelty {
  /** The most recent distinct message sizes, the newest last. */
  readonly #sizes: number[] = [];

  /** Whether a message of this size counts as a person's. */
  isNew(size: number): boolean {
    if (size >= bulkBytes) return true;
    const at = this.#sizes.indexOf(size);
    if (at >= 0) this.#sizes.splice(at, 1);
    this.#sizes.push(size);
    if (this.#sizes.length > remembered) this.#sizes.shift();
    return at < 0;
  }
}

/**
 * A navigation that a person started. Browsers mark it; a page that reloads itself lacks the mark (W3C Fetch Metadata).
 */
export const isPersonsNavigation = (headers: Record<string, string | string[] | undefined>): boolean =>
  headers['sec-fetch-user'] === '?1' && headers['sec-fetch-mode'] === 'navigate';

/** Paths on each app's host: the script, and where it reports activity. */
export const activityScriptPath = '/.berth/activity.js';
export const activityPath = '/.berth/activity';

/**
 * Runs in the pages of apps, because the gateway cannot distinguish a request caused by a click from one caused by a
 * timer. It reports the first activity immediately, later ones after the interval in the response. Only events of the
 * browser itself count (`isTrusted`). `mousemove` does not: a page that scrolls below a resting mouse causes it. A
 * click into a frame of another host is noticed by the change of focus. A failed report is dropped; the next activity
 * makes another.
 */
export const activityScript = `(() => {
  if (globalThis.berthActivity) return;
  globalThis.berthActivity = true;
  const { fetch, setTimeout } = globalThis;
  let next = 0, waiting = false;
  const report = async () => {
    waiting = false;
    next = Date.now() + 5000;
    try {
      const response = await fetch('${activityPath}', { method: 'POST', keepalive: true, credentials: 'same-origin' });
      if (response.ok) next = Date.now() + Number(await response.text());
    } catch {}
  };
  const noticed = (event) => {
    if (!event.isTrusted || waiting) return;
    waiting = true;
    setTimeout(report, Math.max(0, next - Date.now()));
  };
  for (const type of ['keydown', 'pointerdown', 'wheel', 'touchstart', 'paste', 'drop', 'compositionstart'])
    addEventListener(type, noticed, { capture: true, passive: true });
  addEventListener('blur', (event) => {
    if (document.activeElement instanceof HTMLIFrameElement) noticed(event);
  });
})();
`;
