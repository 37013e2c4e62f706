import { connect, type Options } from '../connect.ts';
import { readTemplateFolder } from '../template-folder.ts';

/** Publishes a folder as a new version of its template. */
export const pushTemplate = async (folder: string, options: Options): Promise<void> => {
  const { name, ...body } = await readTemplateFolder(folder);
  const cli = connect(options);
  const pushed = await cli.client.publishTemplate({ params: { template: name }, body });
  cli.print(pushed, () =>
    pushed.published
      ? `${pushed.template} version ${pushed.version} is published.\n`
      : `${pushed.template} version ${pushed.version} is the same already.\n`,
  );
};
