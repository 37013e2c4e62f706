import { isTimeZone } from '../../contracts/time-zone.ts';
import { connect, type Options } from '../connect.ts';
import { readDays } from '../days.ts';
import { usageError } from '../failure.ts';
import { moment } from '../format.ts';
import { autostartText } from '../workspace-text.ts';

interface AutostartOptions extends Options {
  days?: string;
  at?: string;
  timeZone?: string;
  off?: boolean;
}

/** What the options ask for; everything is checked before the server is asked. */
const readAutostart = ({ days, at, timeZone = ownTimeZone() }: AutostartOptions) => {
  if (days === undefined || at === undefined)
    throw usageError('Write --days and --at, as in --days mon-fri --at 08:30, or --off.');
  if (!/^([01][0-9]|2[0-3]):[0-5][0-9]$/.test(at)) throw usageError(`"${at}" is no time of day. Write one like 08:30.`);
  if (!isTimeZone(timeZone)) throw usageError(`"${timeZone}" is no time zone. Write one like Europe/Berlin, or UTC.`);
  return { days: readDays(days), at, timeZone };
};

const ownTimeZone = () => new Intl.DateTimeFormat().resolvedOptions().timeZone;

/** Sets when a workspace starts by itself, or that it does no more. */
export const autostart = async (workspace: string, options: AutostartOptions): Promise<void> => {
  const params = { workspace };
  const body = options.off === true ? undefined : readAutostart(options);
  const cli = connect(options);
  const changed = await (body === undefined
    ? cli.client.removeAutostart({ params })
    : cli.client.setAutostart({ params, body }));
  cli.print(changed, () =>
    changed.autostart === undefined
      ? `${changed.name} does not start by itself.\n`
      : `${changed.name} starts ${autostartText(changed.autostart)}, next at ${moment(changed.autostart.next)}.\n`,
  );
};
