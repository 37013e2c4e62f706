/** Whether Berth responds, tracked by every request for the offline banner. */
let reachable = true;
const listeners = new Set<() => void>();

const setReachable = (next: boolean): void => {
  if (reachable === next) return;
  reachable = next;
  for (const listener of listeners) listener();
};

export const isReachable = (): boolean => reachable;

export const subscribeToReachability = (listener: () => void): (() => void) => {
  listeners.add(listener);
  return () => listeners.delete(listener);
};

/** Responses of a proxy whose upstream is down. */
const gatewayErrors = new Set([502, 503, 504]);

/** `fetch` that records whether Berth responded. An aborted request is ignored. */
export const trackedFetch: typeof fetch = async (input, init) => {
  try {
    const response = await fetch(input, init);
    setReachable(!gatewayErrors.has(response.status));
    return response;
  } catch (error) {
    if (init?.signal?.aborted !== true) setReachable(false);
    throw error;
  }
};
