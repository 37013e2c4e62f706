import type { KubernetesKindSettings } from '../../contracts/kubernetes-settings.ts';
import { BerthError } from '../../core/errors.ts';
import type { Run, TemplateKind } from '../kind.ts';
import { podName, policyName } from './names.ts';
import { type KubernetesPodSpec, kubernetesPodSpec } from './spec.ts';
import { claimNames } from './volumes.ts';

/** Which templates may be privileged goes by their names, which a spec does not hold. */
export const checkPrivileges = (
  { privilegedTemplates }: KubernetesKindSettings,
  { spec, template }: Pick<Run<KubernetesPodSpec>, 'spec' | 'template'>,
): void => {
  if (!spec.privileged || privilegedTemplates.includes(template.name)) return;
  throw new BerthError(
    'invalid_template',
    `The template ${template.name} asks for a privileged pod, which it may not have here. Ask your administrator to add it to privilegedTemplates.`,
    { field: 'compute.spec.privileged' },
  );
};

/** What the kind knows of templates. */
export const kubernetesPodTemplates = (settings: KubernetesKindSettings): TemplateKind<KubernetesPodSpec> => ({
  name: 'kubernetes-pod',
  spec: kubernetesPodSpec(settings),
  plan(run) {
    checkPrivileges(settings, run);
    const { id } = run.workspace;
    return {
      resources: [
        { type: 'pod', name: podName(id, run.build.number), kept: false },
        { type: 'network policy', name: policyName(id), kept: true },
        ...claimNames(id, run.spec).map((name) => ({ type: 'volume', name, kept: true })),
      ],
    };
  },
});
