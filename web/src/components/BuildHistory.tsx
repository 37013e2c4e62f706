import { Text } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { Build, Workspace } from '../../../contracts/workspace.ts';
import { buildsQuery } from '../api/queries.ts';
import { ago, dateTime, duration } from '../lib/format.ts';
import { askedBy, buildStatus, transitionWord } from '../lib/status.ts';
import { useNow } from '../lib/useNow.ts';
import classes from './BuildHistory.module.css';
import { Card } from './Card.tsx';
import { Load } from './Load.tsx';
import { ShowMore } from './ShowMore.tsx';
import { StatusBadge } from './StatusBadge.tsx';

function took({ createdAt, endedAt }: Build): string {
  return endedAt === undefined ? '' : ` · ${duration(Date.parse(endedAt) - Date.parse(createdAt))}`;
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
          <b>{build.number}</b> {transitionWord[build.transition]}
        </span>
        <StatusBadge shown={buildStatus[build.status]} />
        <Text span size="xs" c="dimmed" className={classes['how']} title={dateTime(at)}>
          {askedBy(build)} · {ago(at, now)}
          {took(build)}
        </Text>
      </Link>
    </li>
  );
}

/** All builds of a workspace, newest first; choosing one shows its steps. */
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
