import { connect, type Options } from '../../server/connect.ts';
import { readTemplateFolder } from './folder.ts';

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
      ? `Published ${template} version ${version}.\n`
      : `Nothing changed: ${template} version ${version} has the same content.\n`,
  );
  if (activeVersion === version) return;
  cli.note(
    `Version ${activeVersion} is still active. To change that, run: berth template promote ${template} ${version}`,
  );
};
