import { type RefObject, useEffect, useEffectEvent, useRef } from 'react';
import { api } from '../api/client.ts';
import { notifyProblem } from '../lib/notify.ts';
import { type ConnectionState, TerminalConnection } from './connection/connection.ts';
import { watchNetwork } from './connection/network.ts';
import { isFocusReport, leaveQueriesToAgent } from './screen/queries.ts';
import { createScreen, type Screen, type ScreenActions, type ScreenOptions } from './screen/screen.ts';

interface Options {
  workspaceId: string;
  /** The terminal's name. */
  name: string;
  options: ScreenOptions;
  actions: ScreenActions;
  onState: (state: ConnectionState) => void;
  /** Transforms typed text before it is sent. */
  onTyped: (text: string) => string;
  onPasted: (text: string) => void;
}

interface LiveTerminal {
  box: RefObject<HTMLDivElement | null>;
  screen: RefObject<Screen | undefined>;
  connection: RefObject<TerminalConnection | undefined>;
}

const unsent =
  'The connection was lost while text was being sent, so the end is missing. Check what arrived, and paste the rest again.';

const ticketFor = (workspace: string) => async (): Promise<string> =>
  (await api.createTicket({ params: { workspace }, body: { for: 'session' } })).ticket;

/** Creates the screen and its connection on mount, and closes them on unmount. */
export const useTerminal = (given: Options): LiveTerminal => {
  const { workspaceId, name } = given;
  const box = useRef<HTMLDivElement>(null);
  const screen = useRef<Screen>(undefined);
  const connection = useRef<TerminalConnection>(undefined);
  const opening = useEffectEvent(() => given.options);
  const reportState = useEffectEvent(given.onState);
  const typed = useEffectEvent(given.onTyped);
  const pasted = useEffectEvent(given.onPasted);
  const act = useEffectEvent((which: keyof ScreenActions, text: string) => given.actions[which](text));

  useEffect(() => {
    const element = box.current;
    if (element === null) return;
    const { terminal, availableSize } = createScreen(element, opening(), {
      openLink: (address) => act('openLink', address),
      find: () => act('find', ''),
      leave: () => act('leave', ''),
    });
    const live = new TerminalConnection({
      workspaceId,
      terminal: name,
      size: availableSize,
      focused: () => element.contains(document.activeElement) && document.hasFocus(),
      ticket: ticketFor(workspaceId),
      onOutput: (bytes, shown) => terminal.write(bytes, shown),
      // After the output that was written for the previous size.
      onSize: ({ columns, rows }) => terminal.write('', () => terminal.resize(columns, rows)),
      onResume: () => terminal.reset(),
      onUnsent: () => notifyProblem(unsent),
      onState: (state) => reportState(state),
    });
    screen.current = { terminal, availableSize };
    connection.current = live;
    leaveQueriesToAgent(terminal, () => live.agentHasScreen);
    terminal.onData((text) => {
      if (!live.agentHasScreen || !isFocusReport(text)) live.send(typed(text));
    });
    const refocus = () => live.focus();
    element.addEventListener('focusin', refocus);
    element.addEventListener('focusout', refocus);
    const takePaste = (event: ClipboardEvent) => {
      event.preventDefault();
      event.stopPropagation();
      pasted(event.clipboardData?.getData('text/plain') ?? '');
    };
    // Before xterm.js handles the event, because it would paste without confirmation.
    element.addEventListener('paste', takePaste, { capture: true });
    const watch = new ResizeObserver(() => live.resize());
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
