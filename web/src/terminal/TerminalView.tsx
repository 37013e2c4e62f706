import '@xterm/xterm/css/xterm.css';
import { useEffect, useEffectEvent, useRef, useState } from 'react';
import { api } from '../api/client.ts';
import { notifyError } from '../lib/notify.ts';
import { type ConnectionState, TerminalConnection } from './connection.ts';
import { withControl } from './frames.ts';
import { KeyRow } from './KeyRow.tsx';
import { arrowKey, makeScreen, type Screen } from './screen.ts';
import classes from './TerminalView.module.css';

interface Props {
  workspaceId: string;
  terminal: string;
  onState: (state: ConnectionState) => void;
}

const ticketFor = (workspace: string) => async (): Promise<string> =>
  (await api.createTicket({ params: { workspace }, body: { for: 'session' } })).ticket;

/** The screen and its connection, for as long as they are shown. */
const useTerminal = ({ workspaceId, terminal: name, onState }: Props, onTyped: (text: string) => string) => {
  const box = useRef<HTMLDivElement>(null);
  const screen = useRef<Screen>(undefined);
  const connection = useRef<TerminalConnection>(undefined);
  const tell = useEffectEvent(onState);
  const typed = useEffectEvent(onTyped);

  useEffect(() => {
    const element = box.current;
    if (element === null) return;
    const { terminal, fit } = makeScreen(element);
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
    const watch = new ResizeObserver(fit);
    watch.observe(element);
    const wake = () => live.connect();
    addEventListener('online', wake);
    document.addEventListener('visibilitychange', wake);
    live.connect();
    terminal.focus();
    return () => {
      removeEventListener('online', wake);
      document.removeEventListener('visibilitychange', wake);
      watch.disconnect();
      live.close();
      terminal.dispose();
    };
  }, [workspaceId, name]);

  return { box, screen, connection };
};

export function TerminalView(props: Props) {
  const [control, setControl] = useState(false);
  const onTyped = (text: string): string => {
    if (!control) return text;
    setControl(false);
    return withControl(text);
  };
  const { box, screen, connection } = useTerminal(props, onTyped);
  const send = (text: string) => connection.current?.send(text);
  const paste = () => {
    navigator.clipboard.readText().then((text) => screen.current?.terminal.paste(text), notifyError);
  };
  const copy = () => {
    navigator.clipboard.writeText(screen.current?.terminal.getSelection() ?? '').catch(notifyError);
  };
  return (
    <>
      <div ref={box} className={classes['box']} />
      <KeyRow
        control={control}
        onControl={() => setControl(!control)}
        onKey={send}
        onArrow={(arrow) => screen.current && send(arrowKey(screen.current.terminal, arrow))}
        onPaste={paste}
        onCopy={copy}
      />
    </>
  );
}
