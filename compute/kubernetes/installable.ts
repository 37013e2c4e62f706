import { KubernetesSettings } from '../../contracts/settings/kubernetes.ts';
import { installableKind } from '../installable-kind.ts';
import { open } from './open.ts';
import { kubernetesPodTemplates } from './templates.ts';

export const kubernetesPod = installableKind({
  name: 'kubernetes-pod',
  settings: KubernetesSettings,
  templates: kubernetesPodTemplates,
  open,
});
