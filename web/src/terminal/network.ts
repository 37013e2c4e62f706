import type { TerminalConnection } from './connection.ts';

/** What some browsers tell of the network: `wifi`, `cellular`, … */
interface NetworkInformation extends EventTarget {
  type?: string;
}
const network = (): NetworkInformation | undefined =>
  (navigator as Navigator & { connection?: NetworkInformation }).connection;

/**
 * Has a connection follow the network: let go without one, made anew on another one and after a sleep. A connection of
 * a network that is gone says nothing for minutes. Answers what ends it.
 */
export const watchNetwork = (live: TerminalConnection): (() => void) => {
  let type = network()?.type;
  const wake = () => {
    if (document.visibilityState === 'visible') live.connect();
  };
  const online = () => live.renew('The network is back.');
  const offline = () => live.drop('You are offline.');
  // It changes with every estimate of the speed, too.
  const changed = () => {
    const now = network()?.type;
    if (now !== type && now !== 'none') live.renew('You are on another network.');
    type = now;
  };
  addEventListener('online', online);
  addEventListener('offline', offline);
  document.addEventListener('visibilitychange', wake);
  network()?.addEventListener('change', changed);
  return () => {
    removeEventListener('online', online);
    removeEventListener('offline', offline);
    document.removeEventListener('visibilitychange', wake);
    network()?.removeEventListener('change', changed);
  };
};
