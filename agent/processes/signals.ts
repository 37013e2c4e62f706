import { constants } from 'node:os';

const names = new Map(Object.entries(constants.signals).map(([name, number]) => [number as number, name]));

/** The name of a signal, for example `SIGTERM` for 15. */
export const signalName = (number: number | undefined): string | undefined => names.get(number ?? 0);

/** The exit code that shells report for a signal: 128 plus its number. */
export const signalExitCode = (signal: string): number =>
  128 + (constants.signals[signal as keyof typeof constants.signals] ?? 0);
