import type { Autostart } from '../../contracts/workspaces/autostart.ts';

/** `30 8` and `MON,TUE`. Days are names, because Sunday is 0 in croner but 1 in EventBridge. */
const partsOf = ({ at, days }: Autostart) => ({
  time: `${Number(at.slice(3))} ${Number(at.slice(0, 2))}`,
  weekdays: days.map((day) => day.toUpperCase()).join(','),
});

/** Returns croner's format: five fields, of which the last is the days of the week. */
export const cronerPattern = (autostart: Autostart): string => {
  const { time, weekdays } = partsOf(autostart);
  return `${time} * * ${weekdays}`;
};

/** Returns EventBridge's format: six fields, of which the last is the year. One of the two day fields must be `?`. */
export const eventBridgeExpression = (autostart: Autostart): string => {
  const { time, weekdays } = partsOf(autostart);
  return `cron(${time} ? * ${weekdays} *)`;
};

/** Returns the name as the IANA database spells it: `Intl` accepts `europe/berlin` too. */
export const zoneName = ({ timeZone }: Autostart): string =>
  new Intl.DateTimeFormat('en', { timeZone }).resolvedOptions().timeZone;
