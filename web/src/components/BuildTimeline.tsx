import { Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { BuildWithSteps } from '../../../contracts/workspace.ts';
import { isBuildMoving } from '../api/polling.ts';
import { buildQuery } from '../api/queries.ts';
import { duration } from '../lib/format.ts';
import { askedBy, buildStatus, transitionWord } from '../lib/status.ts';
import { useNow } from '../lib/useNow.ts';
import { BuildStep } from './BuildStep.tsx';
import classes from './BuildTimeline.module.css';
import { Load } from './Load.tsx';
import { StatusBadge } from './StatusBadge.tsx';

function TotalTime({ build }: { build: BuildWithSteps }) {
  const now = useNow(isBuildMoving(build.status) ? 100 : undefined);
  const end = build.endedAt === undefined ? now.getTime() : Date.parse(build.endedAt);
  return <>{duration(end - Date.parse(build.createdAt))}</>;
}

function Timeline({ workspaceId, build }: { workspaceId: string; build: BuildWithSteps }) {
  return (
    <>
      <div className={classes['heading']}>
        <Title order={2} size="h4">
          {transitionWord[build.transition]} · build {build.number}
        </Title>
        <StatusBadge shown={buildStatus[build.status]} />
        <Text size="sm" c="dimmed" className={classes['time']}>
          {askedBy(build)} · <TotalTime build={build} />
        </Text>
      </div>
      {build.steps.length === 0 ? (
        <Text c="dimmed" size="sm">
          {isBuildMoving(build.status) ? 'Waiting for the first step…' : 'This build ended before its first step.'}
        </Text>
      ) : (
        <ol className={classes['steps']}>
          {build.steps.map((step) => (
            <BuildStep key={step.name} workspaceId={workspaceId} build={build.number} step={step} />
          ))}
        </ol>
      )}
    </>
  );
}

/** A build, step by step as it happens. */
export function BuildTimeline({ workspaceId, number }: { workspaceId: string; number: number }) {
  const query = useQuery(buildQuery(workspaceId, { number }));
  return (
    <section className={`berth-card ${classes['card']}`} aria-label={`Build ${number}`}>
      <Load query={query} what={`build ${number}`}>
        {(build) => <Timeline workspaceId={workspaceId} build={build} />}
      </Load>
    </section>
  );
}
