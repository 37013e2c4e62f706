import { useQuery } from '@tanstack/react-query';
import { isBuildMoving } from '../api/polling.ts';
import { templateVersionQuery } from '../api/templateQueries.ts';
import { BuildTimeline } from '../components/BuildTimeline.tsx';
import { ConnectCard } from '../components/ConnectCard.tsx';
import { WaysIn } from '../components/WaysIn.tsx';
import { WorkspaceDetails } from '../components/WorkspaceDetails.tsx';
import { useOpenWorkspace } from '../lib/workspaceContext.ts';
import classes from './WorkspacePage.module.css';

/** The ways in, the build that made it what it is, and what it is made of. */
export function OverviewTab() {
  const { workspace, may } = useOpenWorkspace();
  const { data: version } = useQuery(templateVersionQuery(workspace.template.name, workspace.template.version));
  const timeline = (
    <BuildTimeline key={workspace.build.number} workspaceId={workspace.id} number={workspace.build.number} />
  );
  // What happens now is what people came to see; once nothing does, it is how to get in.
  const building = isBuildMoving(workspace.build.status) || workspace.status === 'failed';
  return (
    <>
      {may.use && <WaysIn workspace={workspace} />}
      <div className={classes['columns']}>
        <div className={classes['side']}>
          {building && timeline}
          {may.use && <ConnectCard workspace={workspace} own={may.own} />}
          {!building && timeline}
        </div>
        <WorkspaceDetails workspace={workspace} definitions={version?.parameters ?? []} manage={may.manage} />
      </div>
    </>
  );
}
