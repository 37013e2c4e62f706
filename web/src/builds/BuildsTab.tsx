import { getRouteApi } from '@tanstack/react-router';
import { Columns } from '../ui/layout/Columns.tsx';
import { bannerMessage } from '../workspaces/status.ts';
import { useOpenWorkspace } from '../workspaces/workspaceContext.ts';
import { BuildHistory } from './BuildHistory.tsx';
import { BuildTimeline } from './BuildTimeline.tsx';

const route = getRouteApi('/shell/workspaces/$workspace/builds');

/** All builds, and the steps and logs of the selected one. */
export function BuildsTab() {
  const { workspace } = useOpenWorkspace();
  const { build } = route.useSearch();
  const selected = Number(build ?? workspace.build.number) || workspace.build.number;
  return (
    <Columns>
      <BuildTimeline
        key={selected}
        workspaceId={workspace.id}
        number={selected}
        bannerMessage={bannerMessage(workspace)}
      />
      <BuildHistory workspace={workspace} selected={selected} />
    </Columns>
  );
}
