import { Text } from '@mantine/core';
import type { StopPolicy } from '../../../contracts/templates/template-file.ts';
import { durationMs } from '../../../contracts/values/duration.ts';
import { formatDuration } from '../lib/format.ts';

/** When workspaces of the template stop. */
export function StopPolicyLine({ stop }: { stop: StopPolicy }) {
  const idle = `Stops ${formatDuration(durationMs(stop.idleTimeout))} after the last activity`;
  const most =
    stop.maxRuntime === undefined
      ? ''
      : `, and no later than ${formatDuration(durationMs(stop.maxRuntime))} after it starts`;
  return (
    <Text size="sm" c="dimmed">
      {idle}
      {most}. Your home is kept.
    </Text>
  );
}
