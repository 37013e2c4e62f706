/** The days of the week in order. Without zod, so that the portal can load them early. */
export const weekdays = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
export type Weekday = (typeof weekdays)[number];

/** Sorts days in the order of the week. */
export const sortedDays = (days: readonly Weekday[]): Weekday[] => weekdays.filter((day) => days.includes(day));
