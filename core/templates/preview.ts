import type { Parameters, TemplateFile } from '../../contracts/template.ts';
import type { TemplatePreview } from '../../contracts/template-checks.ts';
import type { Person } from '../actor.ts';
import type { Table } from '../ports.ts';
import { resolveParameters } from '../workspaces/parameters.ts';
import { computeProblems, exampleWorkspace } from './compute-problems.ts';
import { checkedSpec } from './compute-spec.ts';
import { resolveExpressions } from './expressions.ts';
import type { TemplateKinds } from './kinds.ts';
import { parseTemplate } from './parse.ts';
import { requirePublisher } from './publisher.ts';
import { activeVersionOf } from './record.ts';
import { findTemplate, findVersion } from './store.ts';

export interface PreviewRequest {
  /** Text of a `template.yaml` that need not be published; for those who may publish. */
  file?: string | undefined;
  version?: number | undefined;
  parameters: Parameters;
}

/** What a workspace of a template would be made of, and cost an hour. Makes nothing. */
export const previewTemplate = async (
  table: Table,
  kinds: TemplateKinds,
  person: Person,
  name: string,
  request: PreviewRequest,
): Promise<TemplatePreview> => {
  const { file, version } = await fileOf(table, kinds, person, name, request);
  const { kept, ephemeral } = resolveParameters({ definitions: file.parameters, given: request.parameters });
  const parameters = { ...kept, ...ephemeral };
  const kind = kinds.get(file.compute.kind);
  const workspace = { ...exampleWorkspace, owner: person.name };
  const { resources } = kind.plan({
    workspace: { ...exampleWorkspace, owner: { id: person.id, name: person.name } },
    build: { id: 'example', number: 1 },
    template: { name, version: version ?? 1 },
    spec: checkedSpec(kind, resolveExpressions(file.compute.spec, { parameters, workspace })),
  });
  const preview = { template: name, kind: kind.name, parameters, resources, prices: file.prices };
  return version === undefined ? preview : { ...preview, version };
};

const fileOf = async (
  table: Table,
  kinds: TemplateKinds,
  person: Person,
  name: string,
  request: PreviewRequest,
): Promise<{ file: TemplateFile; version?: number }> => {
  if (request.file !== undefined) {
    await requirePublisher(table, person, name);
    const check = (file: TemplateFile) => computeProblems(file, kinds);
    return { file: parseTemplate(request.file, 'template.yaml', name, check) };
  }
  const template = await findTemplate(table, person, name);
  return findVersion(table, template.name, request.version ?? activeVersionOf(template));
};
