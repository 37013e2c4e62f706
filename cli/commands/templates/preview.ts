import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Client } from '../../../contracts/client/calls.ts';
import type { TemplatePreview } from '../../../contracts/templates/template.ts';
import { fieldList, table } from '../../io/format.ts';
import { connect, type Options } from '../../server/connect.ts';
import { parseParameters } from '../../text/parameters.ts';
import { priceText } from '../../text/price-text.ts';
import { parameterDefinitions } from '../workspaces/create.ts';
import { parseParameterDefinitions, readTemplateFolder } from './folder.ts';

interface PreviewOptions extends Options {
  version?: number;
  parameter: string[];
}

const textOf = ({ template, version, kind, parameters, assumed, resources, prices }: TemplatePreview): string => {
  const given = Object.entries(parameters).map(([name, value]) => [`-p ${name}`, String(value)] as const);
  const head = fieldList([
    ['Template', version === undefined ? `${template} (not published)` : `${template} version ${version}`],
    ['Compute', kind],
    ['Cost', priceText(prices)],
    ...given,
    ...assumed.map((name) => [`-p ${name}`, '(not set, using an example)'] as const),
  ]);
  const rows = resources.map(({ type, name, kept }) => [type, name, kept ? 'kept' : 'deleted']);
  return `${head}\n${table(['RESOURCE', 'NAME', 'WHEN STOPPED'], rows)}`;
};

/** Previews the workspace that a template folder or a published template would create. */
export const previewTemplate = async (source: string, options: PreviewOptions): Promise<void> => {
  const cli = connect(options);
  const preview = existsSync(join(source, 'template.yaml')) ? previewFolder : previewPublished;
  const found = await preview(cli.client, source, options);
  cli.print(found, () => textOf(found));
};

const previewFolder = async (client: Client, folder: string, options: PreviewOptions): Promise<TemplatePreview> => {
  const { name, file } = await readTemplateFolder(folder);
  const definitions = parseParameterDefinitions(file);
  // The server reports errors in the file.
  const parameters =
    definitions === undefined ? {} : parseParameters(definitions, options.parameter, { complete: false });
  return client.previewTemplate({ params: { template: name }, body: { file, parameters } });
};

const previewPublished = async (
  client: Client,
  template: string,
  options: PreviewOptions,
): Promise<TemplatePreview> => {
  const { version } = options;
  const definitions = await parameterDefinitions(client, template, version);
  const parameters = parseParameters(definitions, options.parameter, { complete: false });
  const body = { parameters, ...(version === undefined ? {} : { version }) };
  return client.previewTemplate({ params: { template }, body });
};
