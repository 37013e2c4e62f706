import type { ClientHttp2Session } from 'node:http2';

/** A peer in the same network responds within milliseconds, one across an ocean within a third of a second. */
const pingEveryMs = 2_000;

interface Watch {
  users: number;
  timer: NodeJS.Timeout;
}

const watches = new WeakMap<ClientHttp2Session, Watch>();

const startPinging = (session: ClientHttp2Session): NodeJS.Timeout => {
  let isAcknowledged = true;
  let bytesAtPing = 0;
  const check = () => {
    if (session.destroyed) return;
    const { bytesRead } = session.socket;
    // The acknowledgement may wait behind megabytes of data, whose arrival shows as well that the peer is alive.
    if (!isAcknowledged && bytesRead === bytesAtPing) return session.destroy();
    bytesAtPing = bytesRead;
    if (!isAcknowledged) return;
    isAcknowledged = false;
    session.ping((error) => {
      isAcknowledged = error === null;
    });
  };
  check();
  return setInterval(check, pingEveryMs);
};

/**
 * Pings a peer until the returned function is called, and destroys the session within 4 s if nothing comes back: a dead
 * host sends nothing, and every stream through it would hang for minutes.
 */
export const watchLiveness = (session: ClientHttp2Session): (() => void) => {
  const watch = watches.get(session) ?? { users: 0, timer: startPinging(session) };
  watches.set(session, watch);
  watch.users += 1;
  let isWatching = true;
  const stop = () => {
    if (!isWatching) return;
    isWatching = false;
    watch.users -= 1;
    if (watch.users > 0) return;
    clearInterval(watch.timer);
    watches.delete(session);
  };
  session.once('close', stop);
  return () => {
    session.off('close', stop);
    stop();
  };
};
