import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Client } from '../../../contracts/client/calls.ts';
import type { TemplatePreview } from '../../../contracts/templates/template.ts';
import { facts, table } from '../../io/format.ts';
import { connect, type Options } from '../../server/connect.ts';
import { readParameters } from '../../text/parameters.ts';
import { priceText } from '../../text/price-text.ts';
import { definitionsOf } from '../workspaces/create.ts';
import { parametersIn, readTemplateFolder } from './template-folder.ts';

export interface PreviewOptions extends Options {
  version?: number;
  parameter: string[];
}

const textOf = ({ template, version, kind, parameters, assumed, resources, prices }: TemplatePreview): string => {
  const given = Object.entries(parameters).map(([name, value]) => [`-p ${name}`, String(value)] as const);
  const head = facts([
    ['Template', version === undefined ? `${template}, not published` : `${template} version ${version}`],
    ['Compute', kind],
    ['Costs', priceText(prices)],
    ...given,
    ...assumed.map((name) => [`-p ${name}`, '(not given: an example was taken)'] as const),
  ]);
  const rows = resources.map(({ type, name, kept }) => [type, name, kept ? 'kept' : 'goes']);
  return `${head}\n${table(['CREATES', 'NAME', 'WHEN STOPPED'], rows)}`;
};

/** Previews the workspace that a template folder or a published template would create. */
export const previewTemplate = async (what: string, options: PreviewOptions): Promise<void> => {
  const cli = connect(options);
  const preview = existsSync(join(what, 'template.yaml')) ? previewFolder : previewPublished;
  const found = await preview(cli.client, what, options);
  cli.print(found, () => textOf(found));
};

const previewFolder = async (client: Client, folder: string, options: PreviewOptions): Promise<TemplatePreview> => {
  const { name, file } = await readTemplateFolder(folder);
  const definitions = parametersIn(file);
  // The server reports errors in the file.
  const parameters =
    definitions === undefined ? {} : readParameters(definitions, options.parameter, { complete: false });
  return client.previewTemplate({ params: { template: name }, body: { file, parameters } });
};

const previewPublished = async (
  client: Client,
  template: string,
  options: PreviewOptions,
): Promise<TemplatePreview> => {
  const { version } = options;
  const definitions = await definitionsOf(client, template, version);
  const parameters = readParameters(definitions, options.parameter, { complete: false });
  const body = { parameters, ...(version === undefined ? {} : { version }) };
  return client.previewTemplate({ params: { template }, body });
};
