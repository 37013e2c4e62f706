import type { V1Container, V1PodSpec } from '@kubernetes/client-node';
import type { SpecProblem } from './pod-fields.ts';
import { isAddedVolume } from './reserved-names.ts';

type Path = SpecProblem['path'];
type Entry = Readonly<Record<string, unknown>>;

/**
 * The lists of a pod that server-side apply merges by key (`x-kubernetes-list-map-keys` of core/v1). It responds to a
 * duplicate key with status 500, as if the cluster had failed.
 */
const podKeys: Record<string, string[]> = {
  hostAliases: ['ip'],
  imagePullSecrets: ['name'],
  resourceClaims: ['name'],
  schedulingGates: ['name'],
  topologySpreadConstraints: ['topologyKey', 'whenUnsatisfiable'],
  volumes: ['name'],
};
const containerKeys: Record<string, string[]> = {
  env: ['name'],
  ports: ['containerPort', 'protocol'],
  volumeDevices: ['devicePath'],
  volumeMounts: ['mountPath'],
};
/** The defaults of key fields. */
const defaults: Record<string, string> = { protocol: 'TCP' };

/** A problem for each entry that repeats the key of an earlier one. */
const repeated = (list: readonly Entry[], keys: readonly string[], path: Path): SpecProblem[] => {
  const keyOf = (entry: Entry) => keys.map((field) => String(entry[field] ?? defaults[field])).join(', ');
  const all = list.map(keyOf);
  return all.flatMap((key, index) =>
    all.indexOf(key) < index
      ? [{ path: [...path, index, keys[0] ?? ''], message: `"${key}" is duplicated; remove one of them` }]
      : [],
  );
};

const repeatedIn = (of: object, keys: Record<string, string[]>, path: Path): SpecProblem[] =>
  Object.entries(keys).flatMap(([list, fields]) =>
    repeated((of as Record<string, Entry[] | undefined>)[list] ?? [], fields, [...path, list]),
  );

/** A name of a container or volume is a DNS label (RFC 1123), of a port a service name (RFC 6335). */
const dnsLabel = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;
const serviceName = /^(?=.*[a-z])(?!.*--)[a-z0-9]([a-z0-9-]{0,13}[a-z0-9])?$/;
/** Every printable ASCII character but `=`. */
const variableName = /^[\x20-\x3c\x3e-\x7e]+$/;

const named = (name: string, pattern: RegExp, path: Path, must: string): SpecProblem[] =>
  pattern.test(name) ? [] : [{ path: [...path, 'name'], message: `"${name}" ${must}` }];
const mustBeLabel = 'must be at most 63 lowercase letters, digits and hyphens, and must not begin or end with a hyphen';
const mustBeService = 'must be at most 15 lowercase letters, digits and single hyphens, with at least one letter';

const containerProblems = (of: V1Container, path: Path, volumes: ReadonlySet<string>): SpecProblem[] => {
  const known = [...volumes].toSorted().join(', ');
  return [
    ...named(of.name, dnsLabel, path, mustBeLabel),
    ...(of.image === undefined || of.image === '' ? [{ path: [...path, 'image'], message: 'is missing' }] : []),
    ...repeatedIn(of, containerKeys, path),
    ...(of.env ?? []).flatMap(({ name }, at) =>
      named(name, variableName, [...path, 'env', at], 'is not a valid name of an environment variable'),
    ),
    ...(of.ports ?? []).flatMap(({ name }, at) =>
      name === undefined ? [] : named(name, serviceName, [...path, 'ports', at], mustBeService),
    ),
    ...(['volumeMounts', 'volumeDevices'] as const).flatMap((list) =>
      (of[list] ?? []).flatMap(({ name }, at) =>
        volumes.has(name) || isAddedVolume(name)
          ? []
          : [{ path: [...path, list, at, 'name'], message: `"${name}" is not one of the pod's volumes: ${known}` }],
      ),
    ),
  ];
};

/** Problems that no schema finds: malformed or duplicate names, and mounts of volumes that the pod does not have. */
export const nameProblems = (spec: V1PodSpec, volumes: ReadonlySet<string>): SpecProblem[] => {
  const lists = ['initContainers', 'containers'] as const;
  const containers = lists.flatMap((list) => (spec[list] ?? []).map((of, at) => ({ of, path: [list, at] as Path })));
  const names = containers.map(({ of }) => of.name);
  return [
    ...repeatedIn(spec, podKeys, []),
    ...(spec.volumes ?? []).flatMap(({ name }, at) => named(name, dnsLabel, ['volumes', at], mustBeLabel)),
    ...containers.flatMap(({ of, path }) => containerProblems(of, path, volumes)),
    ...containers.flatMap(({ of, path }, index) =>
      names.indexOf(of.name) < index
        ? [{ path: [...path, 'name'], message: `"${of.name}" is already the name of another container` }]
        : [],
    ),
  ];
};
