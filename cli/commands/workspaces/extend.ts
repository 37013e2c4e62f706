import { randomUUID } from 'node:crypto';
import { durationMs } from '../../../contracts/values/duration.ts';
import { usageError } from '../../io/failure.ts';
import { moment } from '../../io/format.ts';
import { harmless } from '../../io/harmless.ts';
import { connect, type Options } from '../../server/connect.ts';
import { stopsIn } from '../../text/workspace-text.ts';

const minutesOf = (text: string): number => {
  const minutes = /^[1-9][0-9]{0,5}(s|m|h|d)$/.test(text) ? Math.ceil(durationMs(text) / 60_000) : 0;
  if (minutes >= 1 && minutes <= 20_160) return minutes;
  throw usageError(`"${text}" is no time to put the stop off by. Write one like 45m, 2h or 1d, at most 14d.`);
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
      ? `${extended.name} will not stop by itself.\n`
      : `${extended.name} stops ${stopsIn(extended, new Date())}, at ${moment(stop.at)}: ${harmless(stop.because)}.\n`,
  );
};
