import type { ParameterValue } from '../../../contracts/templates/parameters.ts';
import { BerthError } from '../../errors.ts';
import type { Rules } from '../../rules.ts';
import { resolveExpressions } from '../file/expressions.ts';
import type { VersionRecord } from '../template-record.ts';

const notPrivileged = (template: string): BerthError =>
  new BerthError(
    'invalid_template',
    `The template ${template} requests a privileged pod, which this installation does not allow. Ask your administrator to add the template to privilegedTemplates.`,
    { field: 'compute.spec.privileged' },
  );

interface SpecOfRequest {
  version: Pick<VersionRecord, 'template' | 'file'>;
  parameters: Record<string, ParameterValue>;
  workspace: { id: string; name: string; ownerName: string };
}

/**
 * Rejects a privileged spec of a template without that permission at the request; the compute kind would reject it only
 * minutes later in the build. Compute kinds with privileges have the field `privileged` in their spec.
 */
export const refusePrivileged = ({ installation }: Rules, { version, parameters, workspace }: SpecOfRequest): void => {
  const allowed = installation?.privilegedTemplates;
  if (allowed === undefined || allowed.includes(version.template)) return;
  const { id, name, ownerName: owner } = workspace;
  const { privileged = false } = version.file.compute.spec;
  const resolved = resolveExpressions({ privileged }, { parameters, workspace: { id, name, owner } });
  if (resolved.privileged === true) throw notPrivileged(version.template);
};
