import { connect, type Options } from '../../server/connect.ts';
import { workspaceText } from '../../text/workspace-text.ts';

export const show = async (workspace: string, options: Options): Promise<void> => {
  const cli = connect(options);
  const found = await cli.client.getWorkspace({ params: { workspace } });
  cli.print(found, () => workspaceText(found, new Date(), cli.out));
};
