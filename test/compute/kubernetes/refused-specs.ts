/**
 * Specs of a template that an API server refuses, most with status 422 and a duplicate key with 500, and what lint
 * reports for each. `npm run test:kubernetes` checks that a real API server refuses them.
 */
const withPod = (spec: object, container: object = {}) => ({
  pod: { spec: { containers: [{ name: 'dev', image: 'debian:13', ...container }], ...spec } },
});
const withMetadata = (metadata: object) => ({ pod: { ...withPod({}).pod, metadata } });
const twice = <T>(entry: T): T[] => [entry, entry];

export const refusedSpecs: [problem: string, spec: unknown][] = [
  ['pod.spec.containers.0.env.1.name "A" is duplicated', withPod({}, { env: twice({ name: 'A', value: '1' }) })],
  [
    'pod.spec.containers.0.ports.1.containerPort "80, TCP" is duplicated',
    withPod({}, { ports: [{ containerPort: 80 }, { containerPort: 80, protocol: 'TCP' }] }),
  ],
  [
    'pod.spec.containers.0.volumeMounts.1.mountPath "/a" is duplicated',
    withPod({}, { volumeMounts: twice({ name: 'home', mountPath: '/a' }) }),
  ],
  ['pod.spec.volumes.1.name "a" is duplicated', withPod({ volumes: twice({ name: 'a', emptyDir: {} }) })],
  ['pod.spec.imagePullSecrets.1.name "a" is duplicated', withPod({ imagePullSecrets: twice({ name: 'a' }) })],
  ['pod.spec.hostAliases.1.ip "10.0.0.1" is duplicated', withPod({ hostAliases: twice({ ip: '10.0.0.1' }) })],
  [
    'pod.spec.topologySpreadConstraints.1.topologyKey "zone, DoNotSchedule" is duplicated',
    withPod({
      topologySpreadConstraints: twice({ topologyKey: 'zone', whenUnsatisfiable: 'DoNotSchedule', maxSkew: 1 }),
    }),
  ],
  [
    'pod.spec.containers.0.name "dev" is already the name of another container',
    withPod({ initContainers: [{ name: 'dev', image: 'b' }] }),
  ],
  [
    'pod.spec.containers.0.volumeMounts.0.name "cache" is not one of the pod\'s volumes: data, home, tools',
    {
      ...withPod({ volumes: [{ name: 'data', emptyDir: {} }] }, { volumeMounts: [{ name: 'cache', mountPath: '/c' }] }),
      volumes: [{ name: 'tools' }],
    },
  ],
  ['pod.spec.initContainers.0.image is missing', withPod({ initContainers: [{ name: 'a' }] })],
  [
    'pod.spec.initContainers.0.name "a_b" must be at most 63',
    withPod({ initContainers: [{ name: 'a_b', image: 'b' }] }),
  ],
  ['pod.spec.volumes.0.name "A" must be at most 63', withPod({ volumes: [{ name: 'A', emptyDir: {} }] })],
  ['pod.spec.containers.0.env.0.name "A=B" is not a valid name', withPod({}, { env: [{ name: 'A=B' }] })],
  [
    'pod.spec.containers.0.ports.0.name "web--1" must be at most 15',
    withPod({}, { ports: [{ name: 'web--1', containerPort: 80 }] }),
  ],
  ['pod.metadata.labels.team must be letters', withMetadata({ labels: { team: 'a team' } })],
  ['pod.metadata.labels.a b must be at most 63 letters', withMetadata({ labels: { 'a b': 'c' } })],
  [
    'pod.metadata.annotations.-x must be at most 63 letters',
    withMetadata({ annotations: { '-x': 'any text at all' } }),
  ],
  ['pod.spec.nodeSelector.pool must be letters', withPod({ nodeSelector: { pool: 'for workspaces' } })],
  [
    'home.mountPath another volume is already mounted at "/data"',
    {
      ...withPod({}, { volumeMounts: [{ name: 'a', mountPath: '/data' }] }),
      home: { mountPath: '/data' },
      volumes: [{ name: 'a' }],
    },
  ],
  [
    'volumes.1.mountPath another volume is already mounted at "/data"',
    {
      ...withPod({}),
      volumes: [
        { name: 'a', mountPath: '/data' },
        { name: 'b', mountPath: '/data' },
      ],
    },
  ],
  ['home.mountPath is reserved for the agent', { ...withPod({}), home: { mountPath: '/berth' } }],
];
