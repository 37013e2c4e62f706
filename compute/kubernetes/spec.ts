import type { V1PodSpec } from '@kubernetes/client-node';
import * as z from 'zod';
import type { KubernetesKindSettings } from '../../contracts/kubernetes-settings.ts';
import { ByteSize } from '../../contracts/template.ts';
import { type Problem, podFieldProblems } from './pod-fields.ts';
import { reserved } from './reserved.ts';
import { privilegeProblems } from './security.ts';

const MountPath = z
  .string()
  .max(200)
  .regex(
    /^(\/[A-Za-z0-9._-]+)+$/,
    'A path to mount at is absolute and has letters, digits, dots, hyphens and underscores',
  )
  .refine((path) => !path.split('/').includes('..'), 'A path to mount at goes nowhere but down');

const storage = {
  size: ByteSize.default('10Gi').meta({ description: 'May grow at a later start; never shrinks' }),
  storageClass: z.string().max(63).optional(),
  accessMode: z.enum(['ReadWriteOnce', 'ReadWriteOncePod', 'ReadWriteMany']).default('ReadWriteOnce'),
};

const Volume = z.strictObject({
  name: z
    .string()
    .max(20)
    .regex(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/)
    .refine((name) => name !== 'home', 'The home is compute.spec.home'),
  ...storage,
  mountPath: MountPath.optional().meta({
    description: "In the workspace's container; other containers mount it by its name in their own volumeMounts",
  }),
});
export type Volume = z.infer<typeof Volume>;

const Home = z.strictObject({
  ...storage,
  mountPath: MountPath.default('/home/berth'),
  persistent: z.boolean().default(true).meta({ description: 'false for a home that is fresh at each start' }),
});

const Labels = z
  .record(z.string().max(253), z.string().max(1_024))
  .default({})
  .refine((labels) => !Object.keys(labels).some((key) => /(^|\.)berth\.dev\//.test(key)), {
    message: 'Names below berth.dev/ are set by Berth itself',
  });

const Fields = z.strictObject({
  container: z.string().max(63).optional().meta({ description: 'Which container is the workspace; default the first' }),
  privileged: z.boolean().default(false),
  home: Home.prefault({}),
  volumes: z.array(Volume).max(20).default([]),
  pod: z.strictObject({
    metadata: z.strictObject({ labels: Labels, annotations: Labels }).prefault({}),
    spec: z.record(z.string(), z.json()).transform((spec) => spec as unknown as V1PodSpec),
  }),
});
export type KubernetesPodSpec = z.infer<typeof Fields>;

/** The container that is the workspace. */
export const workspaceContainer = ({ container, pod }: KubernetesPodSpec): string =>
  container ?? pod.spec.containers[0]?.name ?? '';

const repeatedVolumes = ({ volumes }: KubernetesPodSpec): Problem[] =>
  volumes.flatMap(({ name }, index) =>
    volumes.findIndex((other) => other.name === name) < index
      ? [{ path: ['volumes', index, 'name'], message: `"${name}" is there twice` }]
      : [],
  );

const inWorkspaceContainer = (spec: KubernetesPodSpec): Problem[] => {
  const index = spec.pod.spec.containers.findIndex(({ name }) => name === workspaceContainer(spec));
  const container = spec.pod.spec.containers[index];
  if (container === undefined) {
    return [{ path: ['container'], message: `must name one of pod.spec.containers; "${spec.container}" is none` }];
  }
  const path = ['pod', 'spec', 'containers', index];
  const instead = 'the agent runs in this container; put what it should start into agent.startup';
  return [
    ...(container.image === undefined ? [{ path: [...path, 'image'], message: 'is missing' }] : []),
    ...(container.command === undefined ? [] : [{ path: [...path, 'command'], message: instead }]),
    ...(container.args === undefined ? [] : [{ path: [...path, 'args'], message: instead }]),
    ...(container.env ?? []).flatMap(({ name }, at) =>
      /^BERTH_|^HOME$/.test(name)
        ? [{ path: [...path, 'env', at, 'name'], message: 'is set by Berth; the home is compute.spec.home.mountPath' }]
        : [],
    ),
  ];
};

const inPod = ({ path, message }: Problem): Problem => ({ path: ['pod', 'spec', ...path], message });

/** Enough for a database to write down what it holds; a stop or delete waits for it, and is not done until it is over. */
const longestGraceSeconds = 300;

/** With 0 the cluster would forget the pod at once, while its containers still run. */
const graces = ({ pod: { spec } }: KubernetesPodSpec): Problem[] => {
  const check = (of: { terminationGracePeriodSeconds?: number } | undefined, path: Problem['path']): Problem[] => {
    const seconds = of?.terminationGracePeriodSeconds ?? 1;
    const message = `must be from 1 to ${longestGraceSeconds} seconds, so that a stopped workspace ends`;
    return seconds >= 1 && seconds <= longestGraceSeconds
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

const privileges = ({ privileged, pod }: KubernetesPodSpec, { privilegedTemplates }: Settings): Problem[] => {
  if (privileged) {
    const message = 'no template may be privileged here; ask your administrator to add it to privilegedTemplates';
    return privilegedTemplates.length > 0 ? [] : [{ path: ['privileged'], message }];
  }
  const problems = [...privilegeProblems(pod.spec).map(inPod), ...unconfinedByAnnotation(pod.metadata.annotations)];
  return problems.map(({ path, message }) => ({
    path,
    message: `${message}, which is outside the pod security baseline. Leave it out, or set privileged: true where your administrator allows that`,
  }));
};

/** How AppArmor was turned off before it had a field. */
const unconfinedByAnnotation = (annotations: Record<string, string>): Problem[] =>
  Object.entries(annotations).flatMap(([key, value]) =>
    key.startsWith('container.apparmor.security.beta.kubernetes.io/') && value === 'unconfined'
      ? [{ path: ['pod', 'metadata', 'annotations', key], message: 'takes AppArmor away' }]
      : [],
  );

const serviceAccounts = ({ pod: { spec } }: KubernetesPodSpec, settings: Settings): Problem[] =>
  (['serviceAccountName', 'serviceAccount'] as const).flatMap((field) => {
    const asked = spec[field];
    if (asked === undefined || [settings.serviceAccount, ...settings.templateServiceAccounts].includes(asked))
      return [];
    return [inPod({ path: [field], message: `"${asked}" is none that templates may use here` })];
  });

/** `compute.spec` of the kind: the whole pod spec, strict to its last field, within what the installation allows. */
export const kubernetesPodSpec = (settings: Settings): z.ZodType<KubernetesPodSpec> =>
  Fields.check((context) => {
    const spec = context.value;
    const add = ({ path, message }: Problem) => context.issues.push({ code: 'custom', input: spec, path, message });
    const unsound = podFieldProblems(spec.pod.spec).map(inPod);
    unsound.forEach(add);
    // The other checks read the spec as a pod spec, which it is only when its fields are.
    if (unsound.length > 0) return;
    for (const check of [repeatedVolumes, inWorkspaceContainer, reserved, graces]) check(spec).forEach(add);
    [...privileges(spec, settings), ...serviceAccounts(spec, settings)].forEach(add);
  });
