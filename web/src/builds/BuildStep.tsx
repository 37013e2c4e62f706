import { Loader, Progress, Text, UnstyledButton, VisuallyHidden } from '@mantine/core';
import { IconChevronDown, IconCircleCheckFilled, IconCircleXFilled } from '@tabler/icons-react';
import { useState } from 'react';
import type { Step } from '../../../contracts/workspaces/builds.ts';
import { useNow } from '../lib/useNow.ts';
import classes from './BuildStep.module.css';
import { StepLogView } from './StepLogView.tsx';
import { stepProgress, stepTime } from './steps.ts';

const statusIcons = {
  running: <Loader size={18} aria-hidden />,
  succeeded: <IconCircleCheckFilled size={20} aria-hidden />,
  failed: <IconCircleXFilled size={20} aria-hidden />,
} satisfies Record<Step['status'], unknown>;
const statusLabels = { running: 'Running', succeeded: 'Done', failed: 'Failed' } satisfies Record<
  Step['status'],
  string
>;

/** A running step shows tenths of a second. */
const tick = 100;

function Time({ step }: { step: Step }) {
  const now = useNow(step.status === 'running' ? tick : undefined);
  const progress = stepProgress(step, now);
  return (
    <span className={classes['time']}>
      {stepTime(step, now)}
      {progress !== undefined && (
        <Progress value={progress} size={4} aria-label={`Progress of ${step.title}, based on its usual duration`} />
      )}
    </span>
  );
}

function Heading({ step }: { step: Step }) {
  return (
    <>
      <span className={classes['mark']}>{statusIcons[step.status]}</span>
      <span className={classes['title']}>
        {step.title}
        <VisuallyHidden> {statusLabels[step.status]}</VisuallyHidden>
      </span>
      <Time step={step} />
    </>
  );
}

interface Props {
  workspaceId: string;
  build: number;
  step: Step;
  /** The message in the banner of the page, which the step does not repeat. */
  bannerMessage?: string | undefined;
}

/** A step of a build. Its log is open while it runs or if it failed, unless the person toggled it. */
export function BuildStep({ workspaceId, build, step, bannerMessage }: Props) {
  const [chosen, choose] = useState<boolean>();
  const opened = step.hasLog && (chosen ?? step.status !== 'succeeded');
  return (
    <li className={classes['step']} data-status={step.status}>
      {step.hasLog ? (
        <UnstyledButton className={classes['heading']} aria-expanded={opened} onClick={() => choose(!opened)}>
          <Heading step={step} />
          <IconChevronDown size={18} className={classes['chevron']} aria-hidden />
        </UnstyledButton>
      ) : (
        <div className={classes['heading']}>
          <Heading step={step} />
        </div>
      )}
      <div className={classes['inside']}>
        {step.message !== undefined && step.message !== bannerMessage && (
          <Text size="sm" c={step.status === 'failed' ? 'var(--mantine-color-error)' : 'dimmed'}>
            {step.message}
          </Text>
        )}
        {opened && <StepLogView workspaceId={workspaceId} build={build} step={step} />}
      </div>
    </li>
  );
}
