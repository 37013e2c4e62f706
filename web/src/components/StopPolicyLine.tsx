import { Text } from '@mantine/core';
import { durationMs, type StopPolicy } from '../../../contracts/template.ts';
import { duration } from '../lib/format.ts';

/** What a template says of the end, in a sentence. */
export function StopPolicyLine({ stop }: { stop: StopPolicy }) {
  const idle = `It stops by itself ${duration(durationMs(stop.idleTimeout))} after the last activity`;
  const most =
    stop.maxRuntime === undefined ? '' : `, and ${duration(durationMs(stop.maxRuntime))} after its start at the latest`;
  return (
    <Text size="sm" c="dimmed">
      {idle}
      {most}. Your home is kept.
    </Text>
  );
}
