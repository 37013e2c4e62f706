import { connect, type Options } from '../connect.ts';
import { workspaceText } from '../workspace-text.ts';

export const show = async (workspace: string, options: Options): Promise<void> => {
  const cli = connect(options);
  const found = await cli.client.getWorkspace({ params: { workspace } });
  cli.print(found, () => workspaceText(found, new Date(), cli.out));
};
