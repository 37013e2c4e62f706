import { type RefObject, useEffect, useEffectEvent, useRef } from 'react';
import { api } from '../api/client.ts';
import { type ConnectionState, TerminalConnection } from './connection.ts';
import { watchNetwork } from './network.ts';
import { makeScreen, type Screen, type ScreenActs, type ScreenOptions } from './screen.ts';

interface Options {
  workspaceId: string;
  /** The terminal's name. */
  name: string;
  options: ScreenOptions;
  acts: ScreenActs;
  onState: (state: ConnectionState) => void;
  /** What becomes of what is typed before it is sent. */
  onTyped: (text: string) => string;
  onPasted: (text: string) => void;
}

interface Live {
  box: RefObject<HTMLDivElement | null>;
  screen: RefObject<Screen | undefined>;
  connection: RefObject<TerminalConnection | undefined>;
}

const ticketFor = (workspace: string) => async (): Promise<string> =>
  (await api.createTicket({ params: { workspace }, body: { for: 'session' } })).ticket;

/** The screen and its connection, for as long as they are there. */
export const useLive = (given: Options): Live => {
  const { workspaceId, name } = given;
  const box = useRef<HTMLDivElement>(null);
  const screen = useRef<Screen>(undefined);
  const connection = useRef<TerminalConnection>(undefined);
  const opening = useEffectEvent(() => given.options);
  const tell = useEffectEvent(given.onState);
  const typed = useEffectEvent(given.onTyped);
  const pasted = useEffectEvent(given.onPasted);
  const act = useEffectEvent((which: keyof ScreenActs, text: string) => given.acts[which](text));

  useEffect(() => {
    const element = box.current;
    if (element === null) return;
    const { terminal, fit } = makeScreen(element, opening(), {
      openLink: (address) => act('openLink', address),
      find: () => act('find', ''),
      leave: () => act('leave', ''),
    });
    const live = new TerminalConnection({
      workspaceId,
      terminal: name,
      size: () => ({ columns: terminal.cols, rows: terminal.rows }),
      ticket: ticketFor(workspaceId),
      onOutput: (bytes) => terminal.write(bytes),
      onResume: () => terminal.reset(),
      onState: (state) => tell(state),
    });
    screen.current = { terminal, fit };
    connection.current = live;
    terminal.onData((text) => live.send(typed(text)));
    terminal.onResize(() => live.resize());
    const takePaste = (event: ClipboardEvent) => {
      event.preventDefault();
      event.stopPropagation();
      pasted(event.clipboardData?.getData('text/plain') ?? '');
    };
    // Before the terminal's own, which would paste without asking.
    element.addEventListener('paste', takePaste, { capture: true });
    const watch = new ResizeObserver(fit);
    watch.observe(element);
    const unwatch = watchNetwork(live);
    live.connect();
    return () => {
      unwatch();
      watch.disconnect();
      element.removeEventListener('paste', takePaste, { capture: true });
      live.close();
      terminal.dispose();
    };
  }, [workspaceId, name]);

  return { box, screen, connection };
};
