import * as client from '@kubernetes/client-node';
import { NetworkPolicy } from 'kubernetes-models/networking.k8s.io/v1/NetworkPolicy';
import { PersistentVolumeClaim } from 'kubernetes-models/v1/PersistentVolumeClaim';
import { Pod } from 'kubernetes-models/v1/Pod';

/** The validation of an API server, with the messages of Kubernetes 1.36. */

interface Attribute {
  baseName: string;
  type: string;
}
const attributes = (type: string): Attribute[] | undefined =>
  (client as unknown as Record<string, { attributeTypeMap?: Attribute[] } | undefined>)[type]?.attributeTypeMap;

/** `x-kubernetes-list-map-keys` of core/v1, by type and field. */
const listKeys: Record<string, string[]> = {
  'V1PodSpec.containers': ['name'],
  'V1PodSpec.hostAliases': ['ip'],
  'V1PodSpec.imagePullSecrets': ['name'],
  'V1PodSpec.initContainers': ['name'],
  'V1PodSpec.resourceClaims': ['name'],
  'V1PodSpec.schedulingGates': ['name'],
  'V1PodSpec.topologySpreadConstraints': ['topologyKey', 'whenUnsatisfiable'],
  'V1PodSpec.volumes': ['name'],
  'V1Container.env': ['name'],
  'V1Container.ports': ['containerPort', 'protocol'],
  'V1Container.volumeDevices': ['devicePath'],
  'V1Container.volumeMounts': ['mountPath'],
};

const keyIn = (entry: Record<string, unknown>, keys: readonly string[]): string => {
  const parts = keys.map((key) => `${key}=${JSON.stringify(entry[key] ?? (key === 'protocol' ? 'TCP' : null))}`);
  return `[${parts.join(',')}]`;
};

/**
 * The problems that server-side apply finds when it reads an object by its schema, before validation. It reports them
 * with status 500.
 */
const typedProblems = (value: unknown, type: string, path: string): string[] => {
  const known = attributes(type);
  if (known === undefined) return [];
  return Object.entries(value as object).flatMap(([name, inner]) => {
    const field = known.find(({ baseName }) => baseName === name);
    const at = `${path}.${name}`;
    if (field === undefined) return [`${at}: field not declared in schema`];
    const item = /^Array<(.*)>$/.exec(field.type)?.[1];
    if (item === undefined) return typedProblems(inner, field.type, at);
    const entries = inner as Record<string, unknown>[];
    const keys = listKeys[`${type}.${name}`];
    const names = entries.map((entry, index) => (keys === undefined ? `[${index}]` : keyIn(entry, keys)));
    return entries.flatMap((entry, index) => [
      ...(names.indexOf(names[index] ?? '') < index ? [`${at}: duplicate entries for key ${names[index]}`] : []),
      ...typedProblems(entry, item, `${at}${names[index]}`),
    ]);
  });
};

/** The message of that response; `undefined` if there is no problem. */
export const unreadable = (resource: Plural, body: client.KubernetesObject): string | undefined => {
  const found = typedProblems(body, models[resource].type, '');
  if (found.length === 0) return undefined;
  const all = found.length === 1 ? found[0] : `errors:\n${found.map((one) => `  ${one}`).join('\n')}`;
  const { name, namespace } = body.metadata ?? {};
  return `failed to create typed patch object (${namespace}/${name}; ${body.apiVersion?.includes('/') ? '' : '/'}${body.apiVersion}, Kind=${body.kind}): ${all}`;
};

const models = {
  pods: { Model: Pod, type: 'V1Pod' },
  persistentvolumeclaims: { Model: PersistentVolumeClaim, type: 'V1PersistentVolumeClaim' },
  networkpolicies: { Model: NetworkPolicy, type: 'V1NetworkPolicy' },
} as const;
export type Plural = keyof typeof models;

const schemaProblems = (resource: Plural, body: object): string[] => {
  try {
    new models[resource].Model(body as never).validate();
    return [];
  } catch (error) {
    return [(error as Error).message];
  }
};

const repeated = (names: readonly (string | undefined)[], what: string): string[] =>
  names.flatMap((name, at) => (names.indexOf(name) < at ? [`${what}: Duplicate value: "${name}"`] : []));

/** Rules outside the schema that Berth could break. */
const podProblems = ({ spec }: client.V1Pod): string[] => {
  const containers = [...(spec?.initContainers ?? []), ...(spec?.containers ?? [])];
  const volumes = (spec?.volumes ?? []).map(({ name }) => name);
  return [
    ...repeated(
      containers.map(({ name }) => name),
      'spec.containers.name',
    ),
    ...repeated(volumes, 'spec.volumes.name'),
    ...containers.flatMap(({ name, image, env = [], volumeMounts = [], securityContext }) => [
      ...(image === undefined ? [`spec.containers[${name}].image: Required value`] : []),
      ...repeated(
        env.map((entry) => entry.name),
        `spec.containers[${name}].env`,
      ),
      ...repeated(
        volumeMounts.map(({ mountPath }) => mountPath),
        `spec.containers[${name}].volumeMounts.mountPath`,
      ),
      ...volumeMounts.flatMap((mount) =>
        volumes.includes(mount.name) ? [] : [`volumeMounts.name: Not found: "${mount.name}"`],
      ),
      ...(securityContext?.privileged === true && securityContext.allowPrivilegeEscalation === false
        ? ['cannot set `allowPrivilegeEscalation` to false and `privileged` to true']
        : []),
    ]),
  ];
};

const policyProblems = ({ spec }: client.V1NetworkPolicy): string[] =>
  (spec?.egress ?? [])
    .flatMap(({ to = [] }) => to)
    .flatMap(({ ipBlock }) => (ipBlock?.except ?? []).map((except) => [ipBlock?.cidr, except] as const))
    .flatMap(([cidr, except]) => (cidr === except ? [`except: "${except}" must be a strict subset of cidr`] : []));

const labelValue = /^([A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?)?$/;

/** All problems of the object, as the server lists them. */
export const problemsOf = (resource: Plural, body: client.KubernetesObject): string[] => [
  ...schemaProblems(resource, body),
  ...Object.entries(body.metadata?.labels ?? {}).flatMap(([key, value]) =>
    value.length > 63 || !labelValue.test(value) ? [`metadata.labels: Invalid value: "${key}=${value}"`] : [],
  ),
  ...(resource === 'pods' ? podProblems(body as client.V1Pod) : []),
  ...(resource === 'networkpolicies' ? policyProblems(body as client.V1NetworkPolicy) : []),
];
