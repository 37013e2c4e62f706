import { Button, VisuallyHidden } from '@mantine/core';
import { getRouteApi, Link } from '@tanstack/react-router';
import { lazy, Suspense, useEffect, useRef, useState } from 'react';
import type { Workspace } from '../../../contracts/workspaces/workspace.ts';
import type { ConnectionState } from './connection/connection.ts';
import { usePreferences } from './preferences.ts';
import { TerminalMenu } from './TerminalMenu.tsx';
import classes from './Terminals.module.css';
import { TerminalTabs } from './TerminalTabs.tsx';
import { type TerminalHandle, TerminalView } from './TerminalView.tsx';
import { nextTab, readTabs, tabAfterClosing, withNamed, writeTabs } from './tabs.ts';
import { useVisibleHeight } from './useVisibleHeight.ts';

const CloseDialog = lazy(() =>
  import('./CloseTerminalDialog.tsx').then(({ CloseTerminalDialog: CloseDialog }) => ({ default: CloseDialog })),
);

const route = getRouteApi('/workspaces/$workspace/terminal');

const statusLabels: Record<ConnectionState['status'], string> = {
  connecting: 'Connecting…',
  open: 'Connected',
  lost: 'Connection lost. Reconnecting…',
  ended: 'Shell ended',
  refused: 'Not connected',
};

/** Why the terminal is not connected, with a button to try again. */
function ConnectionProblem({ state, restart }: { state: ConnectionState; restart: () => void }) {
  if (state.status === 'lost' && state.reason !== undefined) {
    return (
      <div className={classes['problem']} role="status">
        {state.reason}
      </div>
    );
  }
  if (state.status !== 'ended' && state.status !== 'refused') return null;
  const text = state.status === 'ended' ? `The shell ended with exit code ${state.code}.` : state.message;
  return (
    <div className={classes['problem']} role="alert">
      <span>{text}</span>
      <Button onClick={restart}>{state.status === 'ended' ? 'Start new shell' : 'Try again'}</Button>
    </div>
  );
}

/** The tabs, their connection states, and a counter per tab that restarts it. */
const useTabs = (workspaceId: string, named: string) => {
  const navigate = route.useNavigate();
  const [kept, setKept] = useState(() => readTabs(workspaceId, sessionStorage));
  const names = withNamed(kept, named);
  const active = names.includes(named) ? named : (names[0] ?? named);
  const [states, setStates] = useState<Record<string, ConnectionState>>({});
  const [runs, setRuns] = useState<Record<string, number>>({});
  useEffect(() => writeTabs(workspaceId, names, sessionStorage), [workspaceId, names]);
  // Keeps the id or name in the URL: a change would remount the page and reconnect every terminal.
  const show = (name: string) => void navigate({ search: { name }, replace: true });
  return {
    names,
    active,
    states,
    runs,
    setState: (name: string, state: ConnectionState) => setStates((states) => ({ ...states, [name]: state })),
    restart: (name: string) => setRuns((runs) => ({ ...runs, [name]: (runs[name] ?? 0) + 1 })),
    add: () => {
      const name = nextTab(names);
      setKept([...names, name]);
      show(name);
    },
    close: (name: string) => {
      setKept(names.filter((other) => other !== name));
      if (name === active) show(tabAfterClosing(names, name));
    },
  };
};

/** The terminals of a running workspace, in tabs. */
export function Terminals({ workspace, named }: { workspace: Workspace; named: string }) {
  const tabs = useTabs(workspace.id, named);
  const [preferences, change] = usePreferences();
  const [closing, setClosing] = useState<string>();
  const handles = useRef(new Map<string, TerminalHandle>());
  const bar = useRef<HTMLElement>(null);
  const height = useVisibleHeight();
  const state = tabs.states[tabs.active] ?? { status: 'connecting' };

  const end = (name: string) => {
    handles.current.get(name)?.end();
    setClosing(undefined);
    tabs.close(name);
  };
  const askToClose = (name: string) => (tabs.states[name]?.status === 'open' ? setClosing(name) : end(name));
  const keepHandle = (name: string) => (handle: TerminalHandle | null) => {
    if (handle === null) handles.current.delete(name);
    else handles.current.set(name, handle);
  };
  return (
    <div className={classes['page']} style={height === undefined ? {} : { height }}>
      <header ref={bar} className={classes['bar']} tabIndex={-1}>
        <Link to="/workspaces/$workspace" params={{ workspace: workspace.id }} className={classes['back']}>
          ‹ {workspace.name}
        </Link>
        <VisuallyHidden component="h1">Terminal</VisuallyHidden>
        <TerminalTabs
          names={tabs.names}
          active={tabs.active}
          states={tabs.states}
          onAdd={tabs.add}
          onClose={askToClose}
        />
        <span role="status" className={classes['state']} data-status={state.status}>
          {statusLabels[state.status]}
        </span>
        <TerminalMenu preferences={preferences} change={change} terminal={() => handles.current.get(tabs.active)} />
      </header>
      <main className={classes['main']}>
        {tabs.names.map((name) => (
          <TerminalView
            key={`${name}/${tabs.runs[name] ?? 0}`}
            ref={keepHandle(name)}
            workspaceId={workspace.id}
            name={name}
            shown={name === tabs.active}
            portUrl={workspace.browserOnly ? undefined : workspace.portUrl}
            preferences={preferences}
            onState={(state) => tabs.setState(name, state)}
            onLeave={() => bar.current?.querySelector<HTMLElement>('nav [aria-current]')?.focus()}
          />
        ))}
        <ConnectionProblem state={state} restart={() => tabs.restart(tabs.active)} />
      </main>
      {closing !== undefined && (
        <Suspense fallback={null}>
          <CloseDialog name={closing} onKeep={() => setClosing(undefined)} onClose={() => end(closing)} />
        </Suspense>
      )}
    </div>
  );
}
