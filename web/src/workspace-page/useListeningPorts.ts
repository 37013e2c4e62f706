import { useEffect, useState } from 'react';
import type { ListeningPorts } from '../../../contracts/sessions/session.ts';
import { api } from '../api/client.ts';
import { openSessionSocket, permissionRevoked } from '../lib/sessionSocket.ts';

/** Milliseconds before reconnecting after a connection was lost. */
const reconnectMs = 15_000;

/**
 * The ports on which processes in the workspace listen, streamed by its agent while the page is visible. The connection
 * does not count as activity, so a page left open lets the workspace stop.
 */
export const useListeningPorts = (workspace: string): readonly number[] => {
  const [ports, setPorts] = useState<readonly number[]>([]);
  useEffect(() => {
    let socket: WebSocket | undefined;
    let timer: ReturnType<typeof setTimeout> | undefined;
    /** Incremented by each connect and disconnect, so that an attempt from before does not continue. */
    let generation = 0;
    const connect = async (own: number): Promise<void> => {
      const { ticket } = await api.createTicket({ params: { workspace }, body: { for: 'session' } });
      if (own !== generation) return;
      const opened = openSessionSocket(workspace, 'ports', ticket);
      socket = opened;
      opened.onmessage = ({ data }) => setPorts((JSON.parse(String(data)) as ListeningPorts).ports);
      opened.onclose = ({ code }) => {
        if (socket === opened && code !== permissionRevoked) retryLater();
      };
    };
    const retryLater = (): void => {
      clearTimeout(timer);
      timer = setTimeout(start, reconnectMs);
    };
    const disconnect = (): void => {
      generation += 1;
      clearTimeout(timer);
      const left = socket;
      socket = undefined;
      // Browsers log an error if a socket is closed before it opens.
      if (left?.readyState === WebSocket.CONNECTING) left.onopen = () => left.close();
      else left?.close();
    };
    // The list is optional beside the field for any port, so a failure is retried without an error message.
    const start = (): void => {
      generation += 1;
      const own = generation;
      connect(own).catch(() => {
        if (own === generation) retryLater();
      });
    };
    const onVisibilityChange = (): void => {
      disconnect();
      if (!document.hidden) start();
    };
    onVisibilityChange();
    document.addEventListener('visibilitychange', onVisibilityChange);
    return () => {
      document.removeEventListener('visibilitychange', onVisibilityChange);
      disconnect();
    };
  }, [workspace]);
  return ports;
};
