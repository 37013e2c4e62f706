/** ISO 8601 in UTC with milliseconds: instants sort as text. */
export const instant = (date: Date): string => date.toISOString();
export const msOf = (at: string): number => Date.parse(at);
export const later = (date: Date, ms: number): Date => new Date(date.getTime() + ms);
