import '@xterm/xterm/css/xterm.css';
import { lazy, type Ref, Suspense, useEffect, useImperativeHandle, useState } from 'react';
import { clipboardText, copyText } from '../lib/clipboard.ts';
import { notifyDone } from '../lib/notify.ts';
import type { ConnectionState } from './connection/connection.ts';
import { withControl } from './connection/frames.ts';
import { FindBar } from './FindBar.tsx';
import { KeyRow } from './KeyRow.tsx';
import { needsPasteConfirmation, sanitizePaste } from './paste.ts';
import type { Preferences } from './preferences.ts';
import { openLink } from './screen/links.ts';
import { arrowKey, selectedText } from './screen/screen.ts';
import classes from './TerminalView.module.css';
import { useTerminal } from './useTerminal.ts';

const PasteDialog = lazy(() => import('./PasteDialog.tsx').then(({ PasteDialog }) => ({ default: PasteDialog })));

/** Actions that the surrounding page triggers. */
export interface TerminalHandle {
  focus: () => void;
  copy: () => void;
  paste: () => void;
  find: () => void;
  /** Ends the shell. */
  end: () => void;
}

interface Props {
  workspaceId: string;
  name: string;
  /** Hidden terminals stay connected. */
  shown: boolean;
  /** URL pattern of the workspace's ports, with `{port}`; absent if ports are not available. */
  portUrl: string | undefined;
  preferences: Preferences;
  onState: (state: ConnectionState) => void;
  /** Called on Shift+F6, to move the focus out of the terminal. */
  onLeave: () => void;
  ref: Ref<TerminalHandle>;
}

export function TerminalView({ workspaceId, name, shown, portUrl, preferences, onState, onLeave, ref }: Props) {
  const [control, setControl] = useState(false);
  const [pasting, setPasting] = useState<string>();
  const [finding, setFinding] = useState(false);
  const { fontSize, screenReader } = preferences;

  const typed = (text: string): string => {
    if (!control) return text;
    setControl(false);
    return withControl(text);
  };
  const pasted = (raw: string) => {
    const text = sanitizePaste(raw);
    if (needsPasteConfirmation(text)) setPasting(text);
    else screen.current?.terminal.paste(text);
  };
  const { box, screen, connection } = useTerminal({
    workspaceId,
    name,
    options: { fontSize, screenReaderMode: screenReader },
    actions: { openLink: (address) => openLink(address, portUrl), find: () => setFinding(true), leave: onLeave },
    onState,
    onTyped: typed,
    onPasted: pasted,
  });

  const focus = () => screen.current?.terminal.focus();
  const send = (text: string) => connection.current?.send(text);
  const paste = () => {
    void clipboardText().then((text) => text !== undefined && pasted(text));
    focus();
  };
  const copy = () => {
    const { terminal } = screen.current ?? {};
    if (terminal === undefined) return;
    void copyText(selectedText(terminal)).then((done) => done && notifyDone('Copied.'));
    terminal.focus();
  };
  const settle = (text: string | undefined) => {
    setPasting(undefined);
    if (text !== undefined) screen.current?.terminal.paste(text);
    focus();
  };
  useImperativeHandle(ref, () => ({
    focus,
    copy,
    paste,
    find: () => setFinding(true),
    end: () => connection.current?.end(),
  }));

  useEffect(() => {
    const { current } = screen;
    if (current === undefined) return;
    current.terminal.options.fontSize = fontSize;
    current.terminal.options.screenReaderMode = screenReader;
    connection.current?.resize();
  }, [screen, connection, fontSize, screenReader]);

  useEffect(() => {
    if (shown) screen.current?.terminal.focus();
  }, [screen, shown]);

  return (
    <div className={classes['view']} hidden={!shown}>
      {finding && (
        <FindBar
          screen={screen}
          onClose={() => {
            setFinding(false);
            focus();
          }}
        />
      )}
      <div ref={box} className={classes['box']} />
      <KeyRow
        control={control}
        onControl={() => setControl(!control)}
        onKey={send}
        onArrow={(arrow) => screen.current && send(arrowKey(screen.current.terminal, arrow))}
        onPaste={paste}
        onCopy={copy}
      />
      {pasting !== undefined && (
        <Suspense fallback={null}>
          <PasteDialog text={pasting} onDone={settle} />
        </Suspense>
      )}
    </div>
  );
}
