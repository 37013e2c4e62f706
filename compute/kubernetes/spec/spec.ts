import type * as z from 'zod';
import type { KubernetesKindSettings } from '../../../contracts/settings/kubernetes.ts';
import { podFieldProblems, type SpecProblem } from './pod-fields.ts';
import { nameProblems } from './pod-names.ts';
import { privilegeProblems } from './privileges.ts';
import { mountProblems, reservedProblems } from './reserved.ts';
import { Fields, type KubernetesPodSpec, NodeSelector, workspaceContainer } from './spec-fields.ts';

const repeatedVolumeProblems = ({ volumes }: KubernetesPodSpec): SpecProblem[] =>
  volumes.flatMap(({ name }, index) =>
    volumes.findIndex((other) => other.name === name) < index
      ? [{ path: ['volumes', index, 'name'], message: `"${name}" is duplicated` }]
      : [],
  );

const workspaceContainerProblems = (spec: KubernetesPodSpec): SpecProblem[] => {
  const index = spec.pod.spec.containers.findIndex(({ name }) => name === workspaceContainer(spec));
  const container = spec.pod.spec.containers[index];
  if (container === undefined) {
    return [{ path: ['container'], message: `must name one of pod.spec.containers; "${spec.container}" is not one` }];
  }
  const path = ['pod', 'spec', 'containers', index];
  const instead = 'must not be set, because the agent runs in this container; use agent.startup instead';
  return [
    ...(container.command === undefined ? [] : [{ path: [...path, 'command'], message: instead }]),
    ...(container.args === undefined ? [] : [{ path: [...path, 'args'], message: instead }]),
    ...(container.env ?? []).flatMap(({ name }, at) =>
      /^BERTH_|^HOME$/.test(name)
        ? [
            {
              path: [...path, 'env', at, 'name'],
              message: 'is set by Berth; set the home in compute.spec.home.mountPath',
            },
          ]
        : [],
    ),
  ];
};

const nodeSelectorProblems = ({ pod: { spec } }: KubernetesPodSpec): SpecProblem[] => {
  const read = NodeSelector.safeParse(spec.nodeSelector ?? {});
  return (read.error?.issues ?? []).map(({ path, message }) =>
    inPod({ path: ['nodeSelector', ...path.map(String)], message }),
  );
};

const podNameProblems = ({ pod: { spec }, volumes }: KubernetesPodSpec): SpecProblem[] => {
  const known = ['home', ...volumes.map(({ name }) => name), ...(spec.volumes ?? []).map(({ name }) => name)];
  return nameProblems(spec, new Set(known)).map(inPod);
};

const inPod = ({ path, message }: SpecProblem): SpecProblem => ({ path: ['pod', 'spec', ...path], message });

/** Enough for a database to flush its data. A stop or delete waits for it. */
const maxGraceSeconds = 300;

/** With 0 the cluster would remove the pod immediately, while its containers still run. */
const gracePeriodProblems = ({ pod: { spec } }: KubernetesPodSpec): SpecProblem[] => {
  const check = (
    of: { terminationGracePeriodSeconds?: number } | undefined,
    path: SpecProblem['path'],
  ): SpecProblem[] => {
    const seconds = of?.terminationGracePeriodSeconds ?? 1;
    const message = `must be from 1 to ${maxGraceSeconds} seconds, so that a stopped workspace ends`;
    return seconds >= 1 && seconds <= maxGraceSeconds
      ? []
      : [inPod({ path: [...path, 'terminationGracePeriodSeconds'], message })];
  };
  return [
    ...check(spec, []),
    ...(['initContainers', 'containers'] as const).flatMap((list) =>
      (spec[list] ?? []).flatMap((container, index) =>
        (['livenessProbe', 'readinessProbe', 'startupProbe'] as const).flatMap((probe) =>
          check(container[probe], [list, index, probe]),
        ),
      ),
    ),
  ];
};

type Settings = Pick<KubernetesKindSettings, 'privilegedTemplates' | 'serviceAccount' | 'templateServiceAccounts'>;

const specPrivilegeProblems = (
  { privileged, pod }: KubernetesPodSpec,
  { privilegedTemplates }: Settings,
): SpecProblem[] => {
  if (privileged) {
    const message =
      'is not allowed for any template here; ask your administrator to add the template to privilegedTemplates';
    return privilegedTemplates.length > 0 ? [] : [{ path: ['privileged'], message }];
  }
  const problems = [...privilegeProblems(pod.spec).map(inPod), ...unconfinedByAnnotation(pod.metadata.annotations)];
  return problems.map(({ path, message }) => ({
    path,
    message: `${message}, which is outside the pod security baseline. Remove it, or set privileged: true where your administrator allows that`,
  }));
};

/** How AppArmor was turned off before Kubernetes had a field for it. */
const unconfinedByAnnotation = (annotations: Record<string, string>): SpecProblem[] =>
  Object.entries(annotations).flatMap(([key, value]) =>
    key.startsWith('container.apparmor.security.beta.kubernetes.io/') && value === 'unconfined'
      ? [{ path: ['pod', 'metadata', 'annotations', key], message: 'turns AppArmor off' }]
      : [],
  );

const serviceAccountProblems = ({ pod: { spec } }: KubernetesPodSpec, settings: Settings): SpecProblem[] =>
  (['serviceAccountName', 'serviceAccount'] as const).flatMap((field) => {
    const name = spec[field];
    if (name === undefined || [settings.serviceAccount, ...settings.templateServiceAccounts].includes(name)) return [];
    return [inPod({ path: [field], message: `"${name}" is not a service account that templates may use here` })];
  });

/** `compute.spec` of the kind: the whole pod spec, strict to its last field, within what the installation allows. */
export const kubernetesPodSpec = (settings: Settings): z.ZodType<KubernetesPodSpec> =>
  Fields.check((context) => {
    const spec = context.value;
    const add = ({ path, message }: SpecProblem) => context.issues.push({ code: 'custom', input: spec, path, message });
    const fieldProblems = podFieldProblems(spec.pod.spec).map(inPod);
    fieldProblems.forEach(add);
    // The other checks rely on the fields being valid.
    if (fieldProblems.length > 0) return;
    for (const check of [
      repeatedVolumeProblems,
      workspaceContainerProblems,
      podNameProblems,
      nodeSelectorProblems,
      mountProblems,
      reservedProblems,
      gracePeriodProblems,
    ])
      check(spec).forEach(add);
    [...specPrivilegeProblems(spec, settings), ...serviceAccountProblems(spec, settings)].forEach(add);
  });
