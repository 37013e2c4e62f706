import { posix } from 'node:path';
import type { V1Container } from '@kubernetes/client-node';
import type { SpecProblem } from './pod-fields.ts';
import { isAddedVolume, reservedPaths } from './reserved-names.ts';
import { type KubernetesPodSpec, workspaceContainer } from './spec-fields.ts';

type Path = SpecProblem['path'];

const isReservedPath = (mountPath: string): boolean =>
  Object.values(reservedPaths).some((path) => `${posix.normalize(mountPath)}/`.startsWith(`${path}/`));

interface Mount {
  mountPath: string;
  path: Path;
}

/** All mounts of the workspace's container, the template's own first. */
const mountsOf = (spec: KubernetesPodSpec): Mount[] => {
  const index = spec.pod.spec.containers.findIndex(({ name }) => name === workspaceContainer(spec));
  const own = spec.pod.spec.containers[index]?.volumeMounts ?? [];
  return [
    ...own.map(({ mountPath }, at) => ({
      mountPath,
      path: ['pod', 'spec', 'containers', index, 'volumeMounts', at, 'mountPath'],
    })),
    { mountPath: spec.home.mountPath, path: ['home', 'mountPath'] },
    ...spec.volumes.flatMap(({ mountPath }, at) =>
      mountPath === undefined ? [] : [{ mountPath, path: ['volumes', at, 'mountPath'] }],
    ),
  ];
};

/** No two volumes at the same path, and none at the agent's paths. */
export const mountProblems = (spec: KubernetesPodSpec): SpecProblem[] => {
  const mounts = mountsOf(spec);
  const paths = mounts.map(({ mountPath }) => posix.normalize(`${mountPath}/`));
  return mounts.flatMap(({ mountPath, path }, index) => {
    // Mounts of containers are checked with the containers.
    if (path[0] !== 'pod' && isReservedPath(mountPath)) return [{ path, message: 'is reserved for the agent' }];
    return paths.indexOf(paths[index] ?? '') < index && path[0] !== 'pod'
      ? [{ path, message: `another volume is already mounted at "${mountPath}"` }]
      : [];
  });
};

/** Other containers may mount the home. The agent and its token are mounted in the workspace's container only. */
const isReservedVolume = (volume: string): boolean => volume !== 'home' && isAddedVolume(volume);

const containerProblems = ({ name, volumeMounts = [], volumeDevices = [] }: V1Container, path: Path): SpecProblem[] => {
  const berths = (list: string, volumes: { name: string }[]): SpecProblem[] =>
    volumes.flatMap((volume, at) =>
      isReservedVolume(volume.name)
        ? [{ path: [...path, list, at, 'name'], message: `"${volume.name}" is for the agent alone; remove it` }]
        : [],
    );
  return [
    ...(name.startsWith('berth-') ? [{ path: [...path, 'name'], message: 'must not begin with berth-' }] : []),
    ...berths('volumeMounts', volumeMounts),
    ...berths('volumeDevices', volumeDevices),
    ...volumeMounts.flatMap(({ mountPath }, at) =>
      isReservedPath(mountPath)
        ? [{ path: [...path, 'volumeMounts', at, 'mountPath'], message: 'is reserved for the agent' }]
        : [],
    ),
  ];
};

/** Names and paths that Berth reserves for itself. */
export const reservedProblems = ({ pod: { spec }, volumes }: KubernetesPodSpec): SpecProblem[] => [
  ...(spec.volumes ?? []).flatMap(({ name }, index) =>
    isAddedVolume(name) || volumes.some((other) => other.name === name)
      ? [{ path: ['pod', 'spec', 'volumes', index, 'name'], message: `"${name}" is a volume that Berth adds itself` }]
      : [],
  ),
  ...(['initContainers', 'containers'] as const).flatMap((list) =>
    (spec[list] ?? []).flatMap((container, index) => containerProblems(container, ['pod', 'spec', list, index])),
  ),
  ...(spec.ephemeralContainers === undefined
    ? []
    : [{ path: ['pod', 'spec', 'ephemeralContainers'], message: 'cannot be part of a new pod' }]),
];
