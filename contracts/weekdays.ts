/** The days of the week in their order. They lie apart from the schemas so that the portal need not load those. */
export const weekdays = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
export type Weekday = (typeof weekdays)[number];

/** In the order of the week. */
export const sortedDays = (days: readonly Weekday[]): Weekday[] => weekdays.filter((day) => days.includes(day));
