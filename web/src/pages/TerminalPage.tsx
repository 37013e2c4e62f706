import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import type { Workspace } from '../../../contracts/workspace.ts';
import { useWorkspaceActs } from '../api/mutations.ts';
import { workspaceQuery } from '../api/queries.ts';
import { Layout } from '../components/Layout.tsx';
import { Load } from '../components/Load.tsx';
import { Waiting } from '../components/Waiting.tsx';
import { isNotFound } from '../lib/problem.ts';
import { possible } from '../lib/status.ts';
import { usePageTitle } from '../lib/usePageTitle.ts';
import { Terminals } from '../terminal/Terminals.tsx';
import { firstTab } from '../terminal/tabs.ts';
import { NoSuchWorkspace } from './NotFoundPage.tsx';

const route = getRouteApi('/workspaces/$workspace/terminal');

/** In the terminal's place while there is nothing to connect to. */
function NotRunning({ workspace }: { workspace: Workspace }) {
  const { start } = useWorkspaceActs(workspace.id);
  const can = possible(workspace).start;
  return (
    <Layout>
      <Waiting
        workspace={workspace}
        what="Terminal"
        why={can ? 'The workspace is not running.' : 'The terminal opens here as soon as the workspace runs.'}
        start={can ? { run: () => start.mutate({}), pending: start.isPending } : undefined}
        linked
      />
    </Layout>
  );
}

export function TerminalPage() {
  const { workspace: key } = route.useParams();
  const { name = firstTab } = route.useSearch();
  const query = useQuery(workspaceQuery(key));
  usePageTitle(`Terminal of ${query.data?.name ?? 'a workspace'}`);
  if (isNotFound(query.error)) {
    return (
      <Layout>
        <NoSuchWorkspace />
      </Layout>
    );
  }
  return (
    <Load query={query} what="the workspace" whole>
      {(workspace) =>
        workspace.status === 'running' ? (
          <Terminals key={workspace.build.id} workspace={workspace} named={name} />
        ) : (
          <NotRunning workspace={workspace} />
        )
      }
    </Load>
  );
}
