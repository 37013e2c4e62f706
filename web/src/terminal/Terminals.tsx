import { Button, VisuallyHidden } from '@mantine/core';
import { getRouteApi, Link } from '@tanstack/react-router';
import { lazy, Suspense, useEffect, useRef, useState } from 'react';
import type { Workspace } from '../../../contracts/workspace.ts';
import { useFreeHeight } from '../lib/useFreeHeight.ts';
import type { ConnectionState } from './connection.ts';
import { usePreferences } from './preferences.ts';
import { TerminalMenu } from './TerminalMenu.tsx';
import classes from './Terminals.module.css';
import { TerminalTabs } from './TerminalTabs.tsx';
import { type TerminalHandle, TerminalView } from './TerminalView.tsx';
import { afterClosing, nextTab, readTabs, withNamed, writeTabs } from './tabs.ts';

const CloseDialog = lazy(() => import('./CloseDialog.tsx').then(({ CloseDialog }) => ({ default: CloseDialog })));

const route = getRouteApi('/workspaces/$workspace/terminal');

const words: Record<ConnectionState['status'], string> = {
  connecting: 'Connecting…',
  open: 'Connected',
  lost: 'Connection lost; connecting again…',
  ended: 'The shell has ended',
  refused: 'Not connected',
};

/** Why it is not connected, and what can be done. */
function Trouble({ state, restart }: { state: ConnectionState; restart: () => void }) {
  if (state.status === 'lost' && state.reason !== undefined) {
    return (
      <div className={classes['trouble']} role="status">
        {state.reason}
      </div>
    );
  }
  if (state.status !== 'ended' && state.status !== 'refused') return null;
  const text = state.status === 'ended' ? `The shell ended with exit code ${state.code}.` : state.message;
  return (
    <div className={classes['trouble']} role="alert">
      <span>{text}</span>
      <Button onClick={restart}>{state.status === 'ended' ? 'New shell' : 'Try again'}</Button>
    </div>
  );
}

/** The tabs, their states, and how often each was begun anew. */
const useTabs = (workspaceId: string, named: string) => {
  const navigate = route.useNavigate();
  const [kept, setKept] = useState(() => readTabs(workspaceId, sessionStorage));
  const names = withNamed(kept, named);
  const active = names.includes(named) ? named : (names[0] ?? named);
  const [states, setStates] = useState<Record<string, ConnectionState>>({});
  const [runs, setRuns] = useState<Record<string, number>>({});
  useEffect(() => writeTabs(workspaceId, names, sessionStorage), [workspaceId, names]);
  // The address names the workspace as it did: by another, the page would be loaded anew, and each terminal with it.
  const show = (name: string) => void navigate({ search: { name }, replace: true });
  return {
    names,
    active,
    states,
    runs,
    tell: (name: string, state: ConnectionState) => setStates((states) => ({ ...states, [name]: state })),
    restart: (name: string) => setRuns((runs) => ({ ...runs, [name]: (runs[name] ?? 0) + 1 })),
    add: () => {
      const name = nextTab(names);
      setKept([...names, name]);
      show(name);
    },
    close: (name: string) => {
      setKept(names.filter((other) => other !== name));
      if (name === active) show(afterClosing(names, name));
    },
  };
};

/** The terminals of a workspace that runs, side by side in tabs. */
export function Terminals({ workspace, named }: { workspace: Workspace; named: string }) {
  const tabs = useTabs(workspace.id, named);
  const [preferences, change] = usePreferences();
  const [closing, setClosing] = useState<string>();
  const handles = useRef(new Map<string, TerminalHandle>());
  const bar = useRef<HTMLElement>(null);
  const height = useFreeHeight();
  const state = tabs.states[tabs.active] ?? { status: 'connecting' };

  const end = (name: string) => {
    handles.current.get(name)?.end();
    setClosing(undefined);
    tabs.close(name);
  };
  const askToClose = (name: string) => (tabs.states[name]?.status === 'open' ? setClosing(name) : end(name));
  const hold = (name: string) => (handle: TerminalHandle | null) => {
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
          {words[state.status]}
        </span>
        <TerminalMenu preferences={preferences} change={change} terminal={() => handles.current.get(tabs.active)} />
      </header>
      <main className={classes['main']}>
        {tabs.names.map((name) => (
          <TerminalView
            key={`${name}/${tabs.runs[name] ?? 0}`}
            ref={hold(name)}
            workspaceId={workspace.id}
            name={name}
            shown={name === tabs.active}
            portUrl={workspace.browserOnly ? undefined : workspace.portUrl}
            preferences={preferences}
            onState={(state) => tabs.tell(name, state)}
            onLeave={() => bar.current?.querySelector<HTMLElement>('nav [aria-current]')?.focus()}
          />
        ))}
        <Trouble state={state} restart={() => tabs.restart(tabs.active)} />
      </main>
      {closing !== undefined && (
        <Suspense fallback={null}>
          <CloseDialog name={closing} onKeep={() => setClosing(undefined)} onClose={() => end(closing)} />
        </Suspense>
      )}
    </div>
  );
}
