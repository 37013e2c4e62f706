import { getRouteApi } from '@tanstack/react-router';
import { BuildHistory } from '../components/BuildHistory.tsx';
import { BuildTimeline } from '../components/BuildTimeline.tsx';
import { Columns } from '../components/Columns.tsx';
import { useOpenWorkspace } from '../lib/workspaceContext.ts';

const route = getRouteApi('/shell/workspaces/$workspace/builds');

/** Every build, and the steps and logs of the chosen one. */
export function BuildsTab() {
  const { workspace } = useOpenWorkspace();
  const { build } = route.useSearch();
  const selected = Number(build ?? workspace.build.number) || workspace.build.number;
  return (
    <Columns>
      <BuildTimeline key={selected} workspaceId={workspace.id} number={selected} />
      <BuildHistory workspace={workspace} selected={selected} />
    </Columns>
  );
}
