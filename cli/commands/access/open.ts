import { sanitizeLine } from '../../../base/sanitize.ts';
import type { Workspace } from '../../../contracts/workspaces/workspace.ts';
import { openInBrowser } from '../../io/browser.ts';
import { CliError } from '../../io/errors.ts';
import { exitCodes } from '../../io/exit-codes.ts';
import { connect, type Options } from '../../server/connect.ts';

/** The URL of the workspace's page or of the app. It contains no token, because the gateway handles the sign-in. */
const urlOf = (portal: string, workspace: Workspace, name: string | undefined): string => {
  if (name === undefined) return `${portal}/workspaces/${encodeURIComponent(workspace.id)}`;
  const app = workspace.apps.find((one) => one.name === name || one.displayName === name);
  if (app !== undefined) return app.url;
  const known = workspace.apps.map((one) => one.name).join(', ');
  const remedy = known === '' ? 'It has no apps.' : `Its apps: ${known}.`;
  throw new CliError(
    'not_found',
    `${workspace.name} has no app "${sanitizeLine(name)}". ${remedy}`,
    exitCodes.notFound,
  );
};

/** Opens the page of a workspace, or one of its apps, in the browser. */
export const open = async (
  workspace: string,
  app: string | undefined,
  { print, ...options }: Options & { print?: boolean },
): Promise<void> => {
  const cli = connect(options);
  const found = await cli.client.getWorkspace({ params: { workspace } });
  const url = urlOf(cli.url, found, app);
  if (found.status !== 'running') {
    cli.note(`${found.name} is ${found.status}. Start it with: berth start ${found.name} --wait`);
  }
  if (print || cli.json) return cli.print({ url }, () => `${url}\n`);
  if (await openInBrowser(url)) return cli.note(`Opening ${url}`);
  cli.note('Could not open a browser. Open this URL:');
  cli.out.write(`${url}\n`);
};
