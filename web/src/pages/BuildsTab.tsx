import { getRouteApi } from '@tanstack/react-router';
import { BuildHistory } from '../components/BuildHistory.tsx';
import { BuildTimeline } from '../components/BuildTimeline.tsx';
import { useOpenWorkspace } from '../lib/workspaceContext.ts';
import classes from './WorkspacePage.module.css';

const route = getRouteApi('/shell/workspaces/$workspace/builds');

/** Every build, and the steps and logs of the chosen one. */
export function BuildsTab() {
  const { workspace } = useOpenWorkspace();
  const { build } = route.useSearch();
  const selected = Number(build ?? workspace.build.number) || workspace.build.number;
  return (
    <div className={classes['columns']}>
      <BuildTimeline key={selected} workspaceId={workspace.id} number={selected} />
      <BuildHistory workspace={workspace} selected={selected} />
    </div>
  );
}
