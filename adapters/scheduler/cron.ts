import type { Autostart } from '../../contracts/autostart.ts';

/** `30 8` and `MON,TUE`. Days by name: numbers begin with Sunday as 0 in croner, as 1 at EventBridge. */
const partsOf = ({ at, days }: Autostart) => ({
  time: `${Number(at.slice(3))} ${Number(at.slice(0, 2))}`,
  weekdays: days.map((day) => day.toUpperCase()).join(','),
});

/** Five fields, the last of them days of the week, as croner takes them. */
export const cronerPattern = (autostart: Autostart): string => {
  const { time, weekdays } = partsOf(autostart);
  return `${time} * * ${weekdays}`;
};

/** Six fields, the last of them years. Of the two kinds of days one must be `?`, for only one may be given. */
export const eventBridgeExpression = (autostart: Autostart): string => {
  const { time, weekdays } = partsOf(autostart);
  return `cron(${time} ? * ${weekdays} *)`;
};

/** As the IANA database writes it: `Intl` takes `europe/berlin` too. */
export const zoneName = ({ timeZone }: Autostart): string =>
  new Intl.DateTimeFormat('en', { timeZone }).resolvedOptions().timeZone;
