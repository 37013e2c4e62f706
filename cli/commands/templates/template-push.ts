import { connect, type Options } from '../../server/connect.ts';
import { readTemplateFolder } from './template-folder.ts';

/** Publishes a folder as a new version of its template. */
export const pushTemplate = async (folder: string, options: Options & { promote: boolean }): Promise<void> => {
  const { name, ...file } = await readTemplateFolder(folder);
  const cli = connect(options);
  const pushed = await cli.client.publishTemplate({
    params: { template: name },
    body: { ...file, promote: options.promote },
  });
  const { template, version, published, activeVersion } = pushed;
  cli.print(pushed, () =>
    published
      ? `${template} version ${version} is published.\n`
      : `${template} version ${version} is the same already.\n`,
  );
  if (activeVersion === version) return;
  cli.note(`The active version is ${activeVersion}. Change that with: berth template promote ${template} ${version}`);
};
