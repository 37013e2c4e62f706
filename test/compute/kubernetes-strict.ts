import * as client from '@kubernetes/client-node';
import { NetworkPolicy } from 'kubernetes-models/networking.k8s.io/v1/NetworkPolicy';
import { PersistentVolumeClaim } from 'kubernetes-models/v1/PersistentVolumeClaim';
import { Pod } from 'kubernetes-models/v1/Pod';

/** What an API server says of an object that is not right; asked with fieldValidation=Strict, of unknown fields too. */

interface Attribute {
  baseName: string;
  type: string;
}
const attributes = (type: string): Attribute[] | undefined =>
  (client as unknown as Record<string, { attributeTypeMap?: Attribute[] } | undefined>)[type]?.attributeTypeMap;

const unknownFields = (value: unknown, type: string, path: string): string[] => {
  const list = /^Array<(.*)>$/.exec(type)?.[1];
  if (list !== undefined)
    return (value as unknown[]).flatMap((item, at) => unknownFields(item, list, `${path}[${at}]`));
  const known = attributes(type);
  if (known === undefined) return [];
  return Object.entries(value as object).flatMap(([name, inner]) => {
    const field = known.find(({ baseName }) => baseName === name);
    return field === undefined
      ? [`unknown field "${path}.${name}"`]
      : unknownFields(inner, field.type, `${path}.${name}`);
  });
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

/** Of the rules that no schema has, those that Berth could break. */
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

/** Everything that is wrong with the object, as the server would list it. */
export const problemsOf = (resource: Plural, body: client.KubernetesObject): string[] => [
  ...unknownFields(body, models[resource].type, ''),
  ...schemaProblems(resource, body),
  ...Object.entries(body.metadata?.labels ?? {}).flatMap(([key, value]) =>
    value.length > 63 || !labelValue.test(value) ? [`metadata.labels: Invalid value: "${key}=${value}"`] : [],
  ),
  ...(resource === 'pods' ? podProblems(body as client.V1Pod) : []),
  ...(resource === 'networkpolicies' ? policyProblems(body as client.V1NetworkPolicy) : []),
];
