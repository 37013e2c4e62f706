import type { TerminalConnection } from './connection.ts';

/** The Network Information API, which only some browsers have. `type` is `wifi`, `cellular`, … */
interface NetworkInformation extends EventTarget {
  type?: string;
}
const network = (): NetworkInformation | undefined =>
  (navigator as Navigator & { connection?: NetworkInformation }).connection;

/**
 * Disconnects while offline, and reconnects after a network change or a sleep: a connection over a lost network may not
 * fail for minutes. Returns a function that stops watching.
 */
export const watchNetwork = (live: TerminalConnection): (() => void) => {
  let type = network()?.type;
  const onVisible = () => {
    if (document.visibilityState === 'visible') live.connect();
  };
  const online = () => live.reconnect('Back online.');
  const offline = () => live.disconnect('You are offline.');
  // The event also fires for every new estimate of the speed.
  const changed = () => {
    const now = network()?.type;
    if (now !== type && now !== 'none') live.reconnect('Your network changed.');
    type = now;
  };
  addEventListener('online', online);
  addEventListener('offline', offline);
  document.addEventListener('visibilitychange', onVisible);
  network()?.addEventListener('change', changed);
  return () => {
    removeEventListener('online', online);
    removeEventListener('offline', offline);
    document.removeEventListener('visibilitychange', onVisible);
    network()?.removeEventListener('change', changed);
  };
};
