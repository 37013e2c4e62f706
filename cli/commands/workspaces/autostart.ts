import { isTimeZone } from '../../../contracts/values/time.ts';
import { usageError } from '../../io/failure.ts';
import { moment } from '../../io/format.ts';
import { connect, type Options } from '../../server/connect.ts';
import { readDays } from '../../text/days.ts';
import { autostartText } from '../../text/workspace-text.ts';

interface AutostartOptions extends Options {
  days?: string;
  at?: string;
  timeZone?: string;
  off?: boolean;
}

/** Parses and validates all options before any request. */
const readAutostart = ({ days, at, timeZone = ownTimeZone() }: AutostartOptions) => {
  if (days === undefined || at === undefined)
    throw usageError('Write --days and --at, as in --days mon-fri --at 08:30, or --off.');
  if (!/^([01]?[0-9]|2[0-3]):[0-5][0-9]$/.test(at)) throw usageError(`"${at}" is no time of day. Write one like 8:30.`);
  if (!isTimeZone(timeZone)) throw usageError(`"${timeZone}" is no time zone. Write one like Europe/Berlin, or UTC.`);
  return { days: readDays(days), at: at.padStart(5, '0'), timeZone };
};

const ownTimeZone = () => new Intl.DateTimeFormat().resolvedOptions().timeZone;

/** Sets or removes the autostart schedule of a workspace; without options, shows it. */
export const autostart = async (workspace: string, options: AutostartOptions): Promise<void> => {
  const params = { workspace };
  const { days, at, timeZone, off = false } = options;
  const isQuestion = !off && [days, at, timeZone].every((option) => option === undefined);
  const body = off || isQuestion ? undefined : readAutostart(options);
  const cli = connect(options);
  const act = () => {
    if (isQuestion) return cli.client.getWorkspace({ params });
    return body === undefined ? cli.client.removeAutostart({ params }) : cli.client.setAutostart({ params, body });
  };
  const changed = await act();
  cli.print(changed, () =>
    changed.autostart === undefined
      ? `${changed.name} does not start by itself.\n`
      : `${changed.name} starts ${autostartText(changed.autostart)}, next at ${moment(changed.autostart.next)}.\n`,
  );
};
