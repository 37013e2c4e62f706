import type { Parameter } from '../../contracts/template.ts';
import { connect, type Options } from '../connect.ts';
import { table } from '../format.ts';
import { allOf } from '../pages.ts';

export const listTemplates = async (options: Options): Promise<void> => {
  const cli = connect(options);
  const templates = await allOf((query) => cli.client.listTemplates({ query }));
  cli.print(templates, () =>
    table(
      ['NAME', 'VERSION', 'DESCRIPTION'],
      templates.map(({ name, latestVersion, description }) => [name, String(latestVersion), description]),
    ),
  );
};

const defaultOf = (parameter: Parameter): string => {
  if (parameter.default === undefined) return '(required)';
  return Array.isArray(parameter.default) ? parameter.default.join(',') : String(parameter.default);
};

const choicesOf = (parameter: Parameter): string =>
  'options' in parameter && parameter.options !== undefined
    ? ` One of: ${parameter.options.map(({ value }) => value).join(', ')}.`
    : '';

/** One template with what its form asks. */
export const showTemplate = async (template: string, options: Options): Promise<void> => {
  const cli = connect(options);
  const found = await cli.client.getTemplate({ params: { template } });
  const rows = found.latest.parameters.map((parameter) => [
    parameter.name,
    parameter.type,
    defaultOf(parameter),
    (parameter.description ?? parameter.displayName ?? '') + choicesOf(parameter),
  ]);
  cli.print(found, () => {
    const head = table([found.name, `version ${found.latestVersion}`, found.description], []);
    return rows.length === 0 ? head : `${head}\n${table(['PARAMETER', 'TYPE', 'DEFAULT', 'DESCRIPTION'], rows)}`;
  });
};
