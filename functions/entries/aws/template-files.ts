import { ec2VmTemplates } from '../../../compute/ec2/templates.ts';
import type { TemplateKind } from '../../../compute/kind.ts';
import { kubernetesPodTemplates } from '../../../compute/kubernetes/templates.ts';
import { computeRegistry } from '../../../compute/registry.ts';
import { KubernetesSettings } from '../../../contracts/kubernetes-settings.ts';
import { VmSettings } from '../../../contracts/vm-settings.ts';
import type { TemplateFileRuntime } from '../../runtime.ts';
import { apiRuntime } from './api.ts';
import { installedKinds } from './installed-kinds.ts';

/** A maker checks the settings itself. */
const makers: Record<string, (settings: unknown) => TemplateKind<unknown>> = {
  'kubernetes-pod': (given) => kubernetesPodTemplates(KubernetesSettings.parse(given)) as TemplateKind<unknown>,
  'ec2-vm': (given) => ec2VmTemplates(VmSettings.parse(given)) as TemplateKind<unknown>,
};

/** Knows of the installed kinds of compute what templates may ask of them; has no right to any. */
export const templateFileRuntime = (): TemplateFileRuntime => {
  const kinds = installedKinds(makers).map(({ make, settings }) => make(settings));
  return { ...apiRuntime(), compute: computeRegistry(kinds) };
};
