import { Button, Stack, Text, Title } from '@mantine/core';
import { IconPlayerPlay } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import type { Workspace } from '../../../contracts/workspace.ts';
import { useWorkspaceActs } from '../api/mutations.ts';
import { workspaceQuery } from '../api/queries.ts';
import { Layout } from '../components/Layout.tsx';
import { Load } from '../components/Load.tsx';
import { StatusBadge } from '../components/StatusBadge.tsx';
import { isNotFound } from '../lib/problem.ts';
import { possible, workspaceStatus } from '../lib/status.ts';
import { usePageTitle } from '../lib/usePageTitle.ts';
import type { ConnectionState } from '../terminal/connection.ts';
import { TerminalView } from '../terminal/TerminalView.tsx';
import { NotFoundPage } from './NotFoundPage.tsx';
import classes from './TerminalPage.module.css';

const route = getRouteApi('/workspaces/$workspace/terminal');

const words: Record<ConnectionState['status'], string> = {
  connecting: 'Connecting…',
  open: 'Connected',
  lost: 'Connection lost; connecting again…',
  ended: 'The shell has ended',
  refused: 'Not connected',
};

/** The part of the window that a tablet's keyboard leaves free. */
const useFreeHeight = (): number | undefined => {
  const [height, setHeight] = useState<number>();
  useEffect(() => {
    const view = window.visualViewport;
    if (view === null) return;
    const read = () => setHeight(view.height);
    read();
    view.addEventListener('resize', read);
    return () => view.removeEventListener('resize', read);
  }, []);
  return height;
};

function Ended({ state, restart }: { state: ConnectionState; restart: () => void }) {
  if (state.status !== 'ended' && state.status !== 'refused') return null;
  const text = state.status === 'ended' ? `The shell ended with exit code ${state.code}.` : state.message;
  return (
    <div className={classes['ended']} role="alert">
      <span>{text}</span>
      <Button onClick={restart}>{state.status === 'ended' ? 'New shell' : 'Try again'}</Button>
    </div>
  );
}

function Live({ workspace, terminal }: { workspace: Workspace; terminal: string }) {
  const [state, setState] = useState<ConnectionState>({ status: 'connecting' });
  const [run, setRun] = useState(0);
  const height = useFreeHeight();
  return (
    <div className={classes['page']} style={height === undefined ? {} : { height }}>
      <header className={classes['bar']}>
        <Link to="/workspaces/$workspace" params={{ workspace: workspace.id }} className={classes['back']}>
          ‹ {workspace.name}
        </Link>
        <h1 className={classes['title']}>Terminal</h1>
        <span role="status" className={classes['state']} data-status={state.status}>
          {words[state.status]}
        </span>
      </header>
      <main className={classes['main']}>
        <Ended state={state} restart={() => setRun(run + 1)} />
        <TerminalView key={run} workspaceId={workspace.id} terminal={terminal} onState={setState} />
      </main>
    </div>
  );
}

/** In the terminal's place while there is nothing to connect to. */
function NotRunning({ workspace }: { workspace: Workspace }) {
  const { start } = useWorkspaceActs(workspace.id);
  const can = possible(workspace);
  return (
    <Layout>
      <Stack align="center" gap="md" py="xl" role="status">
        <Title order={1} size="h2">
          Terminal of {workspace.name}
        </Title>
        <StatusBadge shown={workspaceStatus[workspace.status]} />
        <Text ta="center">
          {can.start ? 'The workspace is not running.' : 'The terminal opens here as soon as the workspace runs.'}
        </Text>
        {can.start && (
          <Button
            size="md"
            leftSection={<IconPlayerPlay size={20} aria-hidden />}
            loading={start.isPending}
            onClick={() => start.mutate({})}
          >
            Start {workspace.name}
          </Button>
        )}
        <Button
          variant="subtle"
          renderRoot={(props) => <Link to="/workspaces/$workspace" params={{ workspace: workspace.id }} {...props} />}
        >
          To the workspace
        </Button>
      </Stack>
    </Layout>
  );
}

export function TerminalPage() {
  const { workspace: key } = route.useParams();
  const { name = 'main' } = route.useSearch();
  const query = useQuery(workspaceQuery(key));
  usePageTitle(`Terminal of ${query.data?.name ?? 'a workspace'}`);
  if (isNotFound(query.error)) {
    return (
      <Layout>
        <NotFoundPage
          title="There is no such workspace"
          description="It may have been deleted, or it is someone else’s."
        />
      </Layout>
    );
  }
  return (
    <Load query={query} what="the workspace">
      {(workspace) =>
        workspace.status === 'running' ? (
          <Live key={workspace.build.id} workspace={workspace} terminal={name} />
        ) : (
          <NotRunning workspace={workspace} />
        )
      }
    </Load>
  );
}
