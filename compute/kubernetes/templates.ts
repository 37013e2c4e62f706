import type { KubernetesKindSettings } from '../../contracts/settings/kubernetes.ts';
import { BerthError } from '../../core/errors.ts';
import type { Run, TemplateKind } from '../../core/ports/compute-kind.ts';
import { podName, policyName } from './manifests/metadata.ts';
import { claimNames } from './manifests/volumes.ts';
import { kubernetesPodSpec } from './spec/spec.ts';
import type { KubernetesPodSpec } from './spec/spec-fields.ts';

/** The settings allow privileges by the template's name, which the spec's schema does not see. */
export const checkPrivileges = (
  { privilegedTemplates }: KubernetesKindSettings,
  { spec, template }: Pick<Run<KubernetesPodSpec>, 'spec' | 'template'>,
): void => {
  if (!spec.privileged || privilegedTemplates.includes(template.name)) return;
  throw new BerthError(
    'invalid_template',
    `The template ${template.name} requests a privileged pod, which is not allowed here.`,
    {
      field: 'compute.spec.privileged',
      remedy: 'Ask your administrator to add the template to privilegedTemplates.',
    },
  );
};

/** Validates templates and plans, without access to the cluster. */
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
