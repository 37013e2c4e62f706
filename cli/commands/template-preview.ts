import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Client } from '../../contracts/calls.ts';
import type { TemplatePreview } from '../../contracts/template-checks.ts';
import { connect, type Options } from '../connect.ts';
import { facts, table } from '../format.ts';
import { readParameters } from '../parameters.ts';
import { parametersIn, readTemplateFolder } from '../template-folder.ts';
import { definitionsOf } from './create.ts';

export interface PreviewOptions extends Options {
  version?: number;
  parameter: string[];
}

/** Prices are in whatever the template's author counts in. */
const price = (amount: number): string => `${amount} an hour`;

const textOf = ({ template, version, kind, parameters, resources, prices }: TemplatePreview): string => {
  const given = Object.entries(parameters).map(([name, value]) => [`-p ${name}`, String(value)] as const);
  const head = facts([
    ['Template', version === undefined ? `${template}, not published` : `${template} version ${version}`],
    ['Compute', kind],
    ['Costs', `${price(prices.runningPerHour)} while it runs, ${price(prices.stoppedPerHour)} while it is stopped`],
    ...given,
  ]);
  const rows = resources.map(({ type, name, kept }) => [type, name, kept ? 'kept' : 'goes']);
  return `${head}\n${table(['CREATES', 'NAME', 'WHEN STOPPED'], rows)}`;
};

/** What a workspace would be made of: one of a folder, or of a template that is published. */
export const previewTemplate = async (what: string, options: PreviewOptions): Promise<void> => {
  const cli = connect(options);
  const preview = existsSync(join(what, 'template.yaml')) ? previewFolder : previewPublished;
  const found = await preview(cli.client, what, options);
  cli.print(found, () => textOf(found));
};

const previewFolder = async (client: Client, folder: string, options: PreviewOptions): Promise<TemplatePreview> => {
  const { name, file } = await readTemplateFolder(folder);
  const definitions = parametersIn(file);
  // What is wrong with a file is the server's to tell.
  const parameters =
    definitions === undefined ? {} : readParameters(definitions, options.parameter, { complete: true });
  return client.previewTemplate({ params: { template: name }, body: { file, parameters } });
};

const previewPublished = async (
  client: Client,
  template: string,
  options: PreviewOptions,
): Promise<TemplatePreview> => {
  const { version } = options;
  const definitions = await definitionsOf(client, template, version);
  const parameters = readParameters(definitions, options.parameter, { complete: true });
  const body = { parameters, ...(version === undefined ? {} : { version }) };
  return client.previewTemplate({ params: { template }, body });
};
