/** `0.12 an hour`; prices have no currency of their own. */
export const perHour = (price: number): string =>
  `${new Intl.NumberFormat(undefined, { maximumFractionDigits: 4 }).format(price)} an hour`;
