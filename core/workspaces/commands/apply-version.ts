import type { Parameters } from '../../../contracts/templates/parameters.ts';
import { mayAccessWorkspace } from '../../access/policy.ts';
import type { Actor } from '../../actor.ts';
import { BerthError } from '../../errors.ts';
import type { Rules } from '../../rules.ts';
import { resolveParameters } from '../../templates/evaluation/parameters.ts';
import type { VersionRecord } from '../../templates/template-record.ts';
import { findTemplate, findVersion } from '../../templates/template-store.ts';
import type { WorkspaceRecord } from '../records/workspace-record.ts';
import { fromVersion } from './new-workspace.ts';

/** A start with another template version or other parameters; with neither, the workspace starts as it is. */
export interface StartRequest {
  version?: number | undefined;
  parameters?: Parameters | undefined;
}

export const hasChanges = ({ version, parameters }: StartRequest): boolean =>
  version !== undefined || parameters !== undefined;

/** The workspace with the template version and parameters of a start, and the start's ephemeral parameters. */
export const applyVersion = async (rules: Rules, actor: Actor, workspace: WorkspaceRecord, request: StartRequest) => {
  if (hasChanges(request) && !mayAccessWorkspace(actor, 'use', workspace)) throw mayNotChange(workspace);
  const { template } = workspace;
  if (request.version !== undefined) await findTemplate(rules.table, actor, template.name);
  const version = await findVersion(rules.table, template.name, request.version ?? template.version);
  if (version.version !== template.version) await refuseOtherKind(rules, workspace, version);
  const { kept, ephemeral } = resolveParameters({
    definitions: version.file.parameters,
    given: request.parameters ?? {},
    existing: declaredParameters(version, workspace.parameters),
  });
  const changed = { ...workspace, ...fromVersion(version, { ...kept, ...ephemeral }), parameters: kept };
  return { changed, ephemeral, version };
};

/** The home is stored where the first kind keeps it, and another kind would never stop the compute of the first. */
const refuseOtherKind = async (rules: Rules, { name, template }: WorkspaceRecord, wanted: VersionRecord) => {
  const { file } = await findVersion(rules.table, template.name, template.version);
  if (file.compute.kind === wanted.file.compute.kind) return;
  throw new BerthError(
    'invalid_request',
    `Version ${wanted.version} of ${template.name} runs on ${wanted.file.compute.kind}, and the workspace ${name} has its home on ${file.compute.kind}. Create a new workspace from that version.`,
    { field: 'version' },
  );
};

/** Scripts and dotfiles that another person chose would run with the owner's permissions. */
const mayNotChange = (workspace: WorkspaceRecord) =>
  new BerthError(
    'forbidden',
    `Only its owner may start the workspace ${workspace.name} with other parameters or another version. Start it without these changes.`,
    { refused: workspace.id },
  );

/** Another version may no longer declare a parameter; its old value is dropped. */
const declaredParameters = (version: VersionRecord, parameters: Parameters): Parameters =>
  Object.fromEntries(
    Object.entries(parameters).filter(([name]) => version.file.parameters.some((parameter) => parameter.name === name)),
  );
