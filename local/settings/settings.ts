import { resolve } from 'node:path';
import { SupportUrl } from '../../contracts/settings/environment.ts';
import { HomeRetention } from '../../contracts/workspaces/homes.ts';

/** An expected failure of the start. `message` is the one line that the user sees. */
export class StartError extends Error {
  override readonly name = 'StartError';
}

export interface Settings {
  /** 0 selects any free port. */
  port: number;
  /** The folder of all state. */
  dataDir: string;
  /** The URL of the support page. */
  support?: string;
  /** A `Duration` after which unowned homes are deleted; by default they are kept. */
  homeRetention?: string;
}

/** Reads `PORT`, `BERTH_DATA`, `BERTH_SUPPORT_URL` and `BERTH_HOME_RETENTION`, and reports all problems together. */
export const readSettings = (env: NodeJS.ProcessEnv): Settings => {
  const problems: string[] = [];
  const portText = env['PORT'] || '8080';
  const port = Number(portText);
  if (!/^[0-9]{1,5}$/.test(portText) || port > 65_535) {
    problems.push(`PORT is "${portText}": set it to a number from 0 to 65535`);
  }
  if (env['BERTH_DATA'] === '') problems.push('BERTH_DATA is empty: set it to a folder, or unset it to use .berth');
  const support = SupportUrl.optional().safeParse(env['BERTH_SUPPORT_URL'] || undefined);
  if (!support.success) problems.push('BERTH_SUPPORT_URL must be a link that begins with https:// or mailto:');
  const retention = HomeRetention.optional().safeParse(env['BERTH_HOME_RETENTION'] || undefined);
  if (!retention.success) {
    const why = retention.error.issues.map(({ message }) => message).join('; ');
    problems.push(`BERTH_HOME_RETENTION is "${env['BERTH_HOME_RETENTION']}": ${why}`);
  }
  if (problems.length > 0) throw new StartError(`Berth cannot start: ${problems.join('; ')}.`);
  return {
    port,
    dataDir: resolve(env['BERTH_DATA'] ?? '.berth'),
    ...(support.data === undefined ? {} : { support: support.data }),
    ...(retention.data === undefined ? {} : { homeRetention: retention.data }),
  };
};
