import type { Prices } from '../../contracts/templates/template-file.ts';

/** Prices have no currency, because the template's author chooses the unit. A template without prices has two zeros. */
export const priceText = ({ runningPerHour, stoppedPerHour }: Prices): string =>
  runningPerHour === 0 && stoppedPerHour === 0
    ? 'no price is set'
    : `${runningPerHour} per hour while running, ${stoppedPerHour} per hour while stopped`;
