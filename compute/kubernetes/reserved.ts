import { posix } from 'node:path';
import type { V1Container } from '@kubernetes/client-node';
import { reservedPaths, reservedVolumes } from './agent.ts';
import type { Problem } from './pod-fields.ts';
import type { KubernetesPodSpec } from './spec.ts';

type Path = Problem['path'];

const isTaken = (mountPath: string): boolean =>
  reservedPaths.some((path) => `${posix.normalize(mountPath)}/`.startsWith(`${path}/`));

/** Other containers share the home; the agent and its token are for the workspace's container, where Berth mounts them. */
const isBerths = (volume: string): boolean => volume !== 'home' && reservedVolumes.has(volume);

const inContainer = ({ name, volumeMounts = [], volumeDevices = [] }: V1Container, path: Path): Problem[] => {
  const berths = (list: string, volumes: { name: string }[]): Problem[] =>
    volumes.flatMap((volume, at) =>
      isBerths(volume.name)
        ? [{ path: [...path, list, at, 'name'], message: `"${volume.name}" is for the agent alone; leave it out` }]
        : [],
    );
  return [
    ...(name.startsWith('berth-') ? [{ path: [...path, 'name'], message: 'begins with berth-' }] : []),
    ...berths('volumeMounts', volumeMounts),
    ...berths('volumeDevices', volumeDevices),
    ...volumeMounts.flatMap(({ mountPath }, at) =>
      isTaken(mountPath)
        ? [{ path: [...path, 'volumeMounts', at, 'mountPath'], message: 'is taken by the agent' }]
        : [],
    ),
  ];
};

/** Names and places that Berth gives away itself. */
export const reserved = ({ pod: { spec }, volumes }: KubernetesPodSpec): Problem[] => [
  ...(spec.volumes ?? []).flatMap(({ name }, index) =>
    reservedVolumes.has(name) || volumes.some((other) => other.name === name)
      ? [{ path: ['pod', 'spec', 'volumes', index, 'name'], message: `"${name}" is a volume that Berth adds itself` }]
      : [],
  ),
  ...(['initContainers', 'containers'] as const).flatMap((list) =>
    (spec[list] ?? []).flatMap((container, index) => inContainer(container, ['pod', 'spec', list, index])),
  ),
  ...(spec.ephemeralContainers === undefined
    ? []
    : [{ path: ['pod', 'spec', 'ephemeralContainers'], message: 'cannot be part of a new pod' }]),
];
