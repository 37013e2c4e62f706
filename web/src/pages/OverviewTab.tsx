import { Stack } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { isBuildMoving } from '../api/polling.ts';
import { templateVersionQuery } from '../api/templateQueries.ts';
import { BuildTimeline } from '../components/BuildTimeline.tsx';
import { Columns } from '../components/Columns.tsx';
import { ConnectCard } from '../components/ConnectCard.tsx';
import { WaysIn } from '../components/WaysIn.tsx';
import { WorkspaceDetails } from '../components/WorkspaceDetails.tsx';
import { useOpenWorkspace } from '../lib/workspaceContext.ts';

/** The ways in, the build that made it what it is, and what it is made of. */
export function OverviewTab() {
  const { workspace, may } = useOpenWorkspace();
  const { data: version } = useQuery(templateVersionQuery(workspace.template.name, workspace.template.version));
  const timeline = (
    <BuildTimeline key={workspace.build.number} workspaceId={workspace.id} number={workspace.build.number} />
  );
  // What happens now is what people came to see; once nothing does, it is how to get in.
  const building = isBuildMoving(workspace.build.status) || workspace.status === 'failed';
  // Whoever watched a build to its end reads on where they were.
  const [watched, setWatched] = useState(building);
  if (building && !watched) setWatched(true);
  return (
    <>
      {may.use && <WaysIn workspace={workspace} />}
      <Columns>
        <Stack gap="lg">
          {watched && timeline}
          {may.use && <ConnectCard workspace={workspace} own={may.own} />}
          {!watched && timeline}
        </Stack>
        <WorkspaceDetails
          workspace={workspace}
          definitions={version?.parameters ?? []}
          manage={may.manage && may.use}
        />
      </Columns>
    </>
  );
}
