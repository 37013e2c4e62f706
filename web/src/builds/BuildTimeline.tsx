import { Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { BuildWithSteps } from '../../../contracts/workspaces/builds.ts';
import { isBuildActive } from '../api/polling.ts';
import { buildQuery } from '../api/queries.ts';
import { formatDuration } from '../lib/format.ts';
import { useNow } from '../lib/useNow.ts';
import { Load } from '../ui/feedback/Load.tsx';
import { StatusBadge } from '../workspaces/StatusBadge.tsx';
import { buildStatusLabels, requesterOf, transitionLabels } from '../workspaces/status.ts';
import { BuildStep } from './BuildStep.tsx';
import classes from './BuildTimeline.module.css';

function TotalTime({ build }: { build: BuildWithSteps }) {
  const now = useNow(isBuildActive(build.status) ? 100 : undefined);
  const end = build.endedAt === undefined ? now.getTime() : Date.parse(build.endedAt);
  return <>{formatDuration(end - Date.parse(build.createdAt))}</>;
}

function Timeline({
  workspaceId,
  build,
  bannerMessage,
}: {
  workspaceId: string;
  build: BuildWithSteps;
  bannerMessage: string | undefined;
}) {
  return (
    <>
      <div className={classes['heading']}>
        <Title order={2} size="h4">
          {transitionLabels[build.transition]} · build {build.number}
        </Title>
        <StatusBadge shown={buildStatusLabels[build.status]} />
        <Text size="sm" c="dimmed" className={classes['time']}>
          {requesterOf(build)} · <TotalTime build={build} />
        </Text>
      </div>
      {build.because !== undefined && (
        <Text size="sm" c="dimmed">
          {build.because}
        </Text>
      )}
      {build.steps.length === 0 ? (
        <Text c="dimmed" size="sm">
          {isBuildActive(build.status) ? 'Waiting for the first step…' : 'This build ended before its first step.'}
        </Text>
      ) : (
        <ol className={classes['steps']}>
          {build.steps.map((step) => (
            <BuildStep
              key={step.name}
              workspaceId={workspaceId}
              build={build.number}
              step={step}
              bannerMessage={bannerMessage}
            />
          ))}
        </ol>
      )}
    </>
  );
}

interface Props {
  workspaceId: string;
  number: number;
  /** The message in the banner of the page, which the steps do not repeat. */
  bannerMessage?: string | undefined;
}

/** A build with its steps, updated as they happen. */
export function BuildTimeline({ workspaceId, number, bannerMessage }: Props) {
  const query = useQuery(buildQuery(workspaceId, { number }));
  return (
    <section className={`berth-card ${classes['card']}`} aria-label={`Build ${number}`}>
      <Load query={query} what={`build ${number}`}>
        {(build) => <Timeline workspaceId={workspaceId} build={build} bannerMessage={bannerMessage} />}
      </Load>
    </section>
  );
}
