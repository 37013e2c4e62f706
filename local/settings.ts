import { resolve } from 'node:path';

/** A start that cannot be: `message` is the one line the person gets. */
export class StartError extends Error {
  override readonly name = 'StartError';
}

export interface Settings {
  /** 0 takes any free port. */
  port: number;
  /** Where all state is kept. */
  dataDir: string;
}

/** `PORT` and `BERTH_DATA`; everything that is wrong is told at once. */
export const readSettings = (env: NodeJS.ProcessEnv): Settings => {
  const problems: string[] = [];
  const portText = env['PORT'] || '8080';
  const port = Number(portText);
  if (!/^[0-9]{1,5}$/.test(portText) || port > 65_535) {
    problems.push(`PORT is "${portText}", which is no port: give a number from 0 to 65535`);
  }
  if (env['BERTH_DATA'] === '') problems.push('BERTH_DATA is empty: give a folder, or leave it out for .berth');
  if (problems.length > 0) throw new StartError(`Berth cannot start: ${problems.join('; ')}.`);
  return { port, dataDir: resolve(env['BERTH_DATA'] ?? '.berth') };
};
