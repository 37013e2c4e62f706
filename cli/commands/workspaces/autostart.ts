import { isTimeZone } from '../../../contracts/values/time.ts';
import { usageError } from '../../io/errors.ts';
import { dateTime } from '../../io/format.ts';
import { connect, type Options } from '../../server/connect.ts';
import { parseDays } from '../../text/days.ts';
import { autostartText } from '../../text/workspace-text.ts';

interface AutostartOptions extends Options {
  days?: string;
  at?: string;
  timeZone?: string;
  off?: boolean;
}

/** Parses and validates all options before any request. */
const parseAutostart = ({ days, at, timeZone = localTimeZone() }: AutostartOptions) => {
  if (days === undefined || at === undefined)
    throw usageError('Specify --days and --at, for example --days mon-fri --at 08:30, or --off.');
  if (!/^([01]?[0-9]|2[0-3]):[0-5][0-9]$/.test(at))
    throw usageError(`Invalid time of day "${at}". Use one such as 8:30.`);
  if (!isTimeZone(timeZone))
    throw usageError(`Invalid time zone "${timeZone}". Use one such as Europe/Berlin, or UTC.`);
  return { days: parseDays(days), at: at.padStart(5, '0'), timeZone };
};

const localTimeZone = () => new Intl.DateTimeFormat().resolvedOptions().timeZone;

/** Sets or removes the autostart schedule of a workspace; without options, shows it. */
export const autostart = async (workspace: string, options: AutostartOptions): Promise<void> => {
  const params = { workspace };
  const { days, at, timeZone, off = false } = options;
  const isQuery = !off && [days, at, timeZone].every((option) => option === undefined);
  const body = off || isQuery ? undefined : parseAutostart(options);
  const cli = connect(options);
  const request = () => {
    if (isQuery) return cli.client.getWorkspace({ params });
    return body === undefined ? cli.client.removeAutostart({ params }) : cli.client.setAutostart({ params, body });
  };
  const found = await request();
  cli.print(found, () =>
    found.autostart === undefined
      ? `${found.name} has no autostart schedule.\n`
      : `${found.name} starts ${autostartText(found.autostart)}, next at ${dateTime(found.autostart.next)}.\n`,
  );
};
