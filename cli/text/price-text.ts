import type { Prices } from '../../contracts/templates/template-file.ts';

/** Prices have no currency, because the template's author chooses the unit. */
export const priceText = ({ runningPerHour, stoppedPerHour }: Prices): string =>
  `${runningPerHour} per hour while running, ${stoppedPerHour} per hour while stopped`;
