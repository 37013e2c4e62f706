import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import type { Workspace } from '../../../contracts/workspaces/workspace.ts';
import { useWorkspaceMutations } from '../api/mutations.ts';
import { workspaceQuery } from '../api/queries.ts';
import { isNotFound } from '../lib/errors.ts';
import { usePageTitle } from '../lib/usePageTitle.ts';
import { Layout } from '../shell/Layout.tsx';
import { Load } from '../ui/feedback/Load.tsx';
import { NoSuchWorkspace } from '../ui/feedback/NotFoundPage.tsx';
import { NotReady } from '../workspaces/NotReady.tsx';
import { possibleActions } from '../workspaces/status.ts';
import { Terminals } from './Terminals.tsx';
import { firstTab } from './tabs.ts';

const route = getRouteApi('/workspaces/$workspace/terminal');

/** Shown instead of the terminal while the workspace is not running. */
function NotRunning({ workspace }: { workspace: Workspace }) {
  const { start } = useWorkspaceMutations(workspace.id);
  const can = possibleActions(workspace).start;
  return (
    <Layout>
      <NotReady
        workspace={workspace}
        what="Terminal"
        why={can ? 'The workspace is not running.' : 'The terminal opens here when the workspace is running.'}
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
  usePageTitle(`Terminal · ${query.data?.name ?? 'Workspace'}`);
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
