import type { Parameter } from '../../../contracts/templates/parameters.ts';
import type { Template, TemplateVersion } from '../../../contracts/templates/template.ts';
import { dateTime, fieldList, table } from '../../io/format.ts';
import { fetchAllPages } from '../../io/pages.ts';
import { connect, type Options } from '../../server/connect.ts';
import { priceText } from '../../text/price-text.ts';

export const listTemplates = async (options: Options): Promise<void> => {
  const cli = connect(options);
  const templates = await fetchAllPages((query) => cli.client.listTemplates({ query }));
  if (templates.length === 0)
    cli.note('No templates that you can use yet. Admins publish them with: berth template push');
  const row = ({ name, activeVersion, deprecated, description }: Template) => [
    name,
    String(activeVersion),
    deprecated === undefined ? description : `(deprecated) ${deprecated.message || description}`,
  ];
  cli.print(templates, () =>
    templates.length === 0 ? '' : table(['NAME', 'VERSION', 'DESCRIPTION'], templates.map(row), { truncateLast: true }),
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

const parameterRow = (parameter: Parameter): string[] => [
  parameter.name,
  parameter.type,
  defaultOf(parameter),
  (parameter.description ?? parameter.displayName ?? '') + choicesOf(parameter),
];

/** Shows a template and its parameters. */
export const showTemplate = async (template: string, options: Options): Promise<void> => {
  const cli = connect(options);
  const found = await cli.client.getTemplate({ params: { template } });
  const { active, activeVersion, latestVersion, deprecated } = found;
  const newer = latestVersion > activeVersion ? ` (latest: ${latestVersion})` : '';
  cli.print(found, () => {
    const head = fieldList([
      ['Template', found.name],
      ['', found.description === '' ? undefined : found.description],
      ['Version', `${activeVersion}${newer}`],
      ['Compute', active.compute.kind],
      ['Cost', found.prices && priceText(found.prices)],
      ['Deprecated', deprecated && `since ${dateTime(deprecated.since)}. ${deprecated.message}`],
    ]);
    const rows = active.parameters.map(parameterRow);
    return rows.length === 0 ? head : `${head}\n${table(['PARAMETER', 'TYPE', 'DEFAULT', 'DESCRIPTION'], rows)}`;
  });
};

/** Lists all versions, newest first. */
export const listVersions = async (template: string, options: Options): Promise<void> => {
  const cli = connect(options);
  const params = { template };
  const [{ activeVersion }, versions] = await Promise.all([
    cli.client.getTemplate({ params }),
    fetchAllPages((query) => cli.client.listTemplateVersions({ params, query })),
  ]);
  const row = ({ version, createdAt, createdBy, digest }: TemplateVersion) => [
    String(version),
    version === activeVersion ? 'active' : '',
    dateTime(createdAt),
    createdBy ?? '',
    digest.slice(0, 12),
  ];
  cli.print(
    versions.map((version) => ({ ...version, active: version.version === activeVersion })),
    () => table(['VERSION', '', 'PUBLISHED', 'BY', 'DIGEST'], versions.map(row)),
  );
};
