import { constants } from 'node:os';

const names = new Map(Object.entries(constants.signals).map(([name, number]) => [number as number, name]));

/** `SIGTERM` for 15; `undefined` for none. */
export const signalName = (number: number | undefined): string | undefined => names.get(number ?? 0);

/** As shells count: 128 and the signal's number. */
export const signalExitCode = (signal: string): number =>
  128 + (constants.signals[signal as keyof typeof constants.signals] ?? 0);
