import { Text } from '@mantine/core';
import type { TemplatePreview } from '../../../contracts/template-checks.ts';
import { perHour } from '../lib/money.ts';
import classes from './TemplateFacts.module.css';

/** What a workspace would be made of, and what it would cost. */
export function PreviewList({ preview: { kind, resources, prices } }: { preview: TemplatePreview }) {
  const free = prices.runningPerHour === 0 && prices.stoppedPerHour === 0;
  return (
    <>
      <ul className={classes['resources']}>
        {resources.map(({ type, name, kept }) => (
          <li key={`${type}/${name}`}>
            <Text span fw={600}>
              {type}
            </Text>{' '}
            {name}
            {kept && (
              <Text span size="sm" c="dimmed">
                {' '}
                · kept when it stops
              </Text>
            )}
          </li>
        ))}
      </ul>
      <Text size="sm" c="dimmed">
        Compute: {kind}.{' '}
        {free
          ? 'The template names no price.'
          : `It costs ${perHour(prices.runningPerHour)} while it runs, ${perHour(prices.stoppedPerHour)} while it is stopped.`}
      </Text>
    </>
  );
}
