import type { Prices } from '../../../contracts/templates/template-file.ts';

const amount = (price: number): string => new Intl.NumberFormat(undefined, { maximumFractionDigits: 4 }).format(price);

/** `0.12 per hour while running, 0.01 while stopped`, without a currency. `undefined` if both are 0. */
export const formatPrices = ({ runningPerHour, stoppedPerHour }: Prices): string | undefined => {
  if (runningPerHour === 0 && stoppedPerHour === 0) return undefined;
  const stopped = stoppedPerHour === 0 ? 'nothing' : amount(stoppedPerHour);
  return `${amount(runningPerHour)} per hour while running, ${stopped} while stopped`;
};
