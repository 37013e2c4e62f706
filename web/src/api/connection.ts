/** Whether Berth answers, learnt from every request; the banner shows it. */
let reachable = true;
const listeners = new Set<() => void>();

const set = (next: boolean): void => {
  if (reachable === next) return;
  reachable = next;
  for (const listener of listeners) listener();
};

export const isReachable = (): boolean => reachable;

export const subscribeToConnection = (listener: () => void): (() => void) => {
  listeners.add(listener);
  return () => listeners.delete(listener);
};

/** What a proxy answers while the server behind it is away. */
const serverAway = new Set([502, 503, 504]);

/** `fetch` that notes whether anybody answered. A request that was given up says nothing. */
export const watchedFetch: typeof fetch = async (input, init) => {
  try {
    const response = await fetch(input, init);
    set(!serverAway.has(response.status));
    return response;
  } catch (error) {
    if (init?.signal?.aborted !== true) set(false);
    throw error;
  }
};
