import type { Prices } from '../../contracts/templates/template-file.ts';

/** Prices have no currency, because the template's author chooses the unit. */
export const priceText = ({ runningPerHour, stoppedPerHour }: Prices): string =>
  `${runningPerHour} an hour while it runs, ${stoppedPerHour} an hour while it is stopped`;
