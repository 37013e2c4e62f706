import type { Parameter, Parameters } from '../../../contracts/templates/parameters.ts';
import type { TemplatePreview } from '../../../contracts/templates/template.ts';
import type { TemplateFile } from '../../../contracts/templates/template-file.ts';
import type { Person } from '../../actor.ts';
import { BerthError } from '../../errors.ts';
import type { TemplateKinds } from '../../ports/compute-kind.ts';
import type { Table } from '../../ports/table.ts';
import { computeProblems, exampleWorkspace } from '../evaluation/compute-problems.ts';
import { checkedSpec } from '../evaluation/compute-spec.ts';
import { resolveParameters } from '../evaluation/parameters.ts';
import { pricesOf } from '../evaluation/prices.ts';
import { defaultsOf } from '../evaluation/sample-parameters.ts';
import { resolveExpressions } from '../file/expressions.ts';
import { parseTemplate } from '../file/parse.ts';
import { activeVersionOf } from '../template-record.ts';
import { findTemplate, findVersion } from '../template-store.ts';
import { requirePublisher } from './publisher.ts';

interface PreviewRequest {
  /** Text of an unpublished `template.yaml`, for people who may publish. */
  file?: string | undefined;
  version?: number | undefined;
  parameters: Parameters;
}

/** Returns the resources of a template's workspace and their price per hour, without creating anything. */
export const previewTemplate = async (
  table: Table,
  kinds: TemplateKinds,
  person: Person,
  name: string,
  request: PreviewRequest,
): Promise<TemplatePreview> => {
  const { file, version } = await fileOf(table, kinds, person, name, request);
  const isAssumed = (definition: Parameter) =>
    definition.default === undefined && request.parameters[definition.name] === undefined;
  const known = file.parameters.filter((definition) => !isAssumed(definition));
  const { kept, ephemeral } = resolveParameters({ definitions: known, given: request.parameters });
  const parameters = { ...kept, ...ephemeral };
  const assumed = file.parameters.filter(isAssumed);
  const all = { ...defaultsOf({ ...file, parameters: assumed }), ...parameters };
  const preview = {
    template: name,
    kind: file.compute.kind,
    parameters,
    assumed: assumed.map(({ name }) => name),
    resources: resourcesOf(kinds, person, { file, name, version: version ?? 1 }, all, assumed.length > 0),
    prices: pricesOf(file, all),
  };
  return version === undefined ? preview : { ...preview, version };
};

/** Returns none if they depend on unknown parameters: an example value need not work. */
const resourcesOf = (
  kinds: TemplateKinds,
  person: Person,
  { file, name, version }: { file: TemplateFile; name: string; version: number },
  parameters: Parameters,
  isGuess: boolean,
): TemplatePreview['resources'] => {
  const kind = kinds.get(file.compute.kind);
  const workspace = { ...exampleWorkspace, owner: person.name };
  try {
    return kind.plan({
      workspace: { ...exampleWorkspace, owner: { id: person.id, name: person.name } },
      build: { id: 'example', number: 1 },
      template: { name, version },
      spec: checkedSpec(kind, resolveExpressions(file.compute.spec, { parameters, workspace })),
    }).resources;
  } catch (error) {
    if (isGuess && error instanceof BerthError && error.name === 'invalid_template') return [];
    throw error;
  }
};

const fileOf = async (
  table: Table,
  kinds: TemplateKinds,
  person: Person,
  name: string,
  request: PreviewRequest,
): Promise<{ file: TemplateFile; version?: number }> => {
  if (request.file !== undefined) {
    requirePublisher(person, name);
    const check = (file: TemplateFile) => computeProblems(file, kinds);
    return { file: parseTemplate(request.file, 'template.yaml', name, check) };
  }
  const template = await findTemplate(table, person, name);
  return findVersion(table, template.name, request.version ?? activeVersionOf(template));
};
