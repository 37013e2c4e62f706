import { Text } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { Build } from '../../../contracts/workspaces/builds.ts';
import type { Workspace } from '../../../contracts/workspaces/workspace.ts';
import { buildsQuery } from '../api/queries.ts';
import { formatAgo, formatDateTime, formatDuration } from '../lib/format.ts';
import { useNow } from '../lib/useNow.ts';
import { ShowMore } from '../ui/elements/ShowMore.tsx';
import { Load } from '../ui/feedback/Load.tsx';
import { Card } from '../ui/layout/Card.tsx';
import { StatusBadge } from '../workspaces/StatusBadge.tsx';
import { buildStatusLabels, requesterOf, transitionLabels } from '../workspaces/status.ts';
import classes from './BuildHistory.module.css';

function took({ createdAt, endedAt }: Build): string {
  return endedAt === undefined ? '' : ` · ${formatDuration(Date.parse(endedAt) - Date.parse(createdAt))}`;
}

interface RowProps {
  workspace: Workspace;
  build: Build;
  selected: boolean;
  now: Date;
}

function Row({ workspace, build, selected, now }: RowProps) {
  const newest = build.number === workspace.build.number;
  const at = new Date(build.createdAt);
  return (
    <li>
      <Link
        to="/workspaces/$workspace/builds"
        params={{ workspace: workspace.id }}
        search={newest ? {} : { build: String(build.number) }}
        className={classes['row']}
        aria-current={selected ? 'true' : undefined}
        resetScroll={false}
      >
        <span>
          <b>{build.number}</b> {transitionLabels[build.transition]}
        </span>
        <StatusBadge shown={buildStatusLabels[build.status]} />
        <Text span size="xs" c="dimmed" className={classes['how']} title={formatDateTime(at)}>
          {requesterOf(build)} · {formatAgo(at, now)}
          {took(build)}
        </Text>
      </Link>
    </li>
  );
}

/** All builds of a workspace, newest first. */
export function BuildHistory({ workspace, selected }: { workspace: Workspace; selected: number }) {
  const query = useInfiniteQuery(buildsQuery(workspace));
  const now = useNow(30_000);
  return (
    <Card title="Builds" className={classes['card']}>
      <Load query={query} what="builds">
        {(builds) => (
          <ol className={classes['list']}>
            {builds.map((build) => (
              <Row key={build.id} workspace={workspace} build={build} selected={build.number === selected} now={now} />
            ))}
          </ol>
        )}
      </Load>
      <ShowMore query={query} variant="subtle" fullWidth />
    </Card>
  );
}
