import { randomUUID } from 'node:crypto';
import { sanitizeLine } from '../../../base/sanitize.ts';
import { durationMs } from '../../../contracts/values/duration.ts';
import { usageError } from '../../io/errors.ts';
import { dateTime } from '../../io/format.ts';
import { connect, type Options } from '../../server/connect.ts';
import { stopsIn } from '../../text/workspace-text.ts';

const minutesOf = (text: string): number => {
  const minutes = /^[1-9][0-9]{0,5}(s|m|h|d)$/.test(text) ? Math.ceil(durationMs(text) / 60_000) : 0;
  if (minutes >= 1 && minutes <= 20_160) return minutes;
  throw usageError(`Invalid duration "${text}". Use one such as 45m, 2h or 1d, at most 14d.`);
};

/** Postpones the autostop; the duration starts now. */
export const extend = async (workspace: string, time: string, options: Options): Promise<void> => {
  const minutes = minutesOf(time);
  const cli = connect(options);
  const input = { params: { workspace }, body: { minutes } };
  const extended = await cli.client.extendWorkspace(input, { idempotencyKey: randomUUID() });
  const { stop } = extended;
  cli.print(extended, () =>
    stop === undefined
      ? `${extended.name} has no autostop.\n`
      : `${extended.name} stops ${stopsIn(extended, new Date())}, at ${dateTime(stop.at)}: ${sanitizeLine(stop.because)}.\n`,
  );
};
