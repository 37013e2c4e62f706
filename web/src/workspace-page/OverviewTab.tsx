import { Stack } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { isBuildActive } from '../api/polling.ts';
import { templateVersionQuery } from '../api/templateQueries.ts';
import { BuildTimeline } from '../builds/BuildTimeline.tsx';
import { Columns } from '../ui/layout/Columns.tsx';
import { bannerMessage } from '../workspaces/status.ts';
import { useOpenWorkspace } from '../workspaces/workspaceContext.ts';
import { ConnectCard } from './ConnectCard.tsx';
import { LaunchButtons } from './LaunchButtons.tsx';
import { WorkspaceDetails } from './WorkspaceDetails.tsx';

/** Buttons to open things, the newest build, how to connect, and details. */
export function OverviewTab() {
  const { workspace, permissions } = useOpenWorkspace();
  const { data: version } = useQuery(templateVersionQuery(workspace.template.name, workspace.template.version));
  const timeline = (
    <BuildTimeline
      key={workspace.build.number}
      workspaceId={workspace.id}
      number={workspace.build.number}
      bannerMessage={bannerMessage(workspace)}
    />
  );
  // During a build and after a failure, people come to see the build; otherwise to connect.
  const building = isBuildActive(workspace.build.status) || workspace.status === 'failed';
  // Keeps the order after the build ends, so that nothing moves under the reader.
  const [watched, setWatched] = useState(building);
  if (building && !watched) setWatched(true);
  return (
    <>
      {permissions.mayUse && <LaunchButtons workspace={workspace} />}
      <Columns>
        <Stack gap="lg">
          {watched && timeline}
          {permissions.mayUse && <ConnectCard workspace={workspace} isOwner={permissions.isOwner} />}
          {!watched && timeline}
        </Stack>
        <WorkspaceDetails workspace={workspace} definitions={version?.parameters ?? []} />
      </Columns>
    </>
  );
}
