import { Loader, Progress, Text, UnstyledButton, VisuallyHidden } from '@mantine/core';
import { IconChevronDown, IconCircleCheckFilled, IconCircleXFilled } from '@tabler/icons-react';
import { useState } from 'react';
import type { Step } from '../../../contracts/workspace.ts';
import { stepProgress, stepTime } from '../lib/steps.ts';
import { useNow } from '../lib/useNow.ts';
import classes from './BuildStep.module.css';
import { StepLogView } from './StepLogView.tsx';

const marks = {
  running: <Loader size={18} aria-hidden />,
  succeeded: <IconCircleCheckFilled size={20} aria-hidden />,
  failed: <IconCircleXFilled size={20} aria-hidden />,
} satisfies Record<Step['status'], unknown>;
const words = { running: 'Running', succeeded: 'Done', failed: 'Failed' } satisfies Record<Step['status'], string>;

/** Milliseconds between two looks at the clock of a running step, which shows tenths of a second. */
const tick = 100;

function Time({ step }: { step: Step }) {
  const now = useNow(step.status === 'running' ? tick : undefined);
  const progress = stepProgress(step, now);
  return (
    <span className={classes['time']}>
      {stepTime(step, now)}
      {progress !== undefined && (
        <Progress value={progress} size={4} aria-label={`${step.title}, against its usual time`} />
      )}
    </span>
  );
}

function Heading({ step }: { step: Step }) {
  return (
    <>
      <span className={classes['mark']}>{marks[step.status]}</span>
      <span className={classes['title']}>
        {step.title}
        <VisuallyHidden> {words[step.status]}</VisuallyHidden>
      </span>
      <Time step={step} />
    </>
  );
}

interface Props {
  workspaceId: string;
  build: number;
  step: Step;
}

/** A step of a build; its log is open while it runs and when it failed, unless the person chose otherwise. */
export function BuildStep({ workspaceId, build, step }: Props) {
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
        {step.message !== undefined && (
          <Text size="sm" c={step.status === 'failed' ? 'var(--mantine-color-error)' : 'dimmed'}>
            {step.message}
          </Text>
        )}
        {opened && <StepLogView workspaceId={workspaceId} build={build} step={step} />}
      </div>
    </li>
  );
}
