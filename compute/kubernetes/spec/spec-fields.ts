import type { V1PodSpec } from '@kubernetes/client-node';
import * as z from 'zod';
import { ByteSize } from '../../../contracts/values/byte-size.ts';

const MountPath = z
  .string()
  .max(200)
  .regex(/^(\/[A-Za-z0-9._-]+)+$/, 'Use an absolute path of letters, digits, dots, hyphens and underscores')
  .refine((path) => !path.split('/').includes('..'), 'Use a path without ".."');

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
    .refine((name) => name !== 'home', 'Declare the home in compute.spec.home'),
  ...storage,
  mountPath: MountPath.optional().meta({
    description: "In the workspace's container; other containers mount the volume by name in their volumeMounts",
  }),
});
export type Volume = z.infer<typeof Volume>;

const Home = z.strictObject({
  ...storage,
  mountPath: MountPath.default('/home/berth'),
  persistent: z.boolean().default(true).meta({ description: 'false: the home is empty at each start' }),
});

/** The name of a label or annotation. */
const Qualified = z
  .string()
  .max(317)
  .regex(
    /^([a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?\/)?[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/,
    'must be at most 63 letters, digits, dots, hyphens and underscores, with an optional DNS name and a slash before them',
  );
const LabelValue = z
  .string()
  .max(63)
  .regex(
    /^([A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?)?$/,
    'must be letters, digits, dots, hyphens and underscores, and begin and end with a letter or digit',
  );
const named = <Value extends z.ZodType<string>>(value: Value) =>
  z
    .record(Qualified, value)
    .default({})
    .refine((labels) => !Object.keys(labels).some((key) => /(^|\.)berth\.dev\//.test(key)), {
      message: 'Names below berth.dev/ are reserved for Berth',
    });
const Labels = named(LabelValue);
const Annotations = named(z.string().max(1_024));
/** Selects the nodes that the pod may run on. */
export const NodeSelector = z.record(Qualified, LabelValue);

/** Checks each field alone; spec.ts checks fields against each other. */
export const Fields = z.strictObject({
  container: z
    .string()
    .max(63)
    .optional()
    .meta({ description: 'The container that is the workspace; by default the first' }),
  privileged: z.boolean().default(false),
  home: Home.prefault({}),
  volumes: z.array(Volume).max(20).default([]),
  pod: z.strictObject({
    metadata: z.strictObject({ labels: Labels, annotations: Annotations }).prefault({}),
    spec: z.record(z.string(), z.json()).transform((spec) => spec as unknown as V1PodSpec),
  }),
});
export type KubernetesPodSpec = z.infer<typeof Fields>;

/** The container that is the workspace. */
export const workspaceContainer = ({ container, pod }: KubernetesPodSpec): string =>
  container ?? pod.spec.containers[0]?.name ?? '';
