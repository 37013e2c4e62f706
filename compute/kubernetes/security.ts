import type { V1Container, V1PodSpec, V1Probe, V1SecurityContext, V1Volume } from '@kubernetes/client-node';
import type { Problem } from './pod-fields.ts';

/**
 * What a template needs `privileged: true` and the administrator's leave for: everything outside the level "baseline" of
 * the Pod Security Standards, and beyond it what would reach another workspace's things or the cluster's API.
 */
type Path = Problem['path'];
type Check<T> = (of: T, path: Path) => Problem[];

const refuse = (when: boolean, path: Path, message: string): Problem[] => (when ? [{ path, message }] : []);

/** The capabilities that "baseline" lets a container add. */
const harmlessCapabilities = new Set(
  (
    'AUDIT_WRITE CHOWN DAC_OVERRIDE FOWNER FSETID KILL MKNOD NET_BIND_SERVICE SETFCAP SETGID SETPCAP SETUID ' +
    'SYS_CHROOT'
  ).split(' '),
);
/** The kernel settings that "baseline" calls safe: they hold for the pod alone. */
const safeSysctls = new Set([
  ...['kernel.shm_rmid_forced', 'net.ipv4.ip_local_port_range', 'net.ipv4.ip_unprivileged_port_start'],
  ...['net.ipv4.tcp_syncookies', 'net.ipv4.ping_group_range', 'net.ipv4.ip_local_reserved_ports'],
  ...['net.ipv4.tcp_keepalive_time', 'net.ipv4.tcp_fin_timeout', 'net.ipv4.tcp_keepalive_intvl'],
  ...['net.ipv4.tcp_keepalive_probes', 'net.ipv4.tcp_rmem', 'net.ipv4.tcp_wmem'],
]);
const containerSelinuxTypes = new Set(['container_t', 'container_init_t', 'container_kvm_t', 'container_engine_t']);
/** The kinds of volume that hold nothing of a node's, and name no disk that might be another workspace's. */
const harmlessVolumes = new Set([
  ...['configMap', 'csi', 'downwardAPI', 'emptyDir', 'image', 'persistentVolumeClaim', 'projected', 'secret'],
]);
/** Drivers that give a pod what its own service account may have. Those of disks and shares take the name of any. */
const harmlessDrivers = new Set(['secrets-store.csi.k8s.io']);
/** Each would be a way into the cluster's API. */
const clusterCredentials = { serviceAccountToken: 'a token', podCertificate: 'a certificate' } as const;
const workspaceClaim = /^ws-[0-9a-z]{26}-/;

/** What pods and containers have alike. */
const commonContext: Check<V1SecurityContext> = (context, path) => [
  ...refuse(
    context.seccompProfile?.type === 'Unconfined',
    [...path, 'seccompProfile', 'type'],
    'must not be Unconfined',
  ),
  ...refuse(
    context.appArmorProfile?.type === 'Unconfined',
    [...path, 'appArmorProfile', 'type'],
    'must not be Unconfined',
  ),
  ...refuse(
    context.windowsOptions?.hostProcess === true,
    [...path, 'windowsOptions', 'hostProcess'],
    'must not be set',
  ),
  ...refuse(
    (context.seLinuxOptions?.type ?? '') !== '' && !containerSelinuxTypes.has(context.seLinuxOptions?.type ?? ''),
    [...path, 'seLinuxOptions', 'type'],
    'must be a type for containers',
  ),
  ...(['user', 'role'] as const).flatMap((name) =>
    refuse((context.seLinuxOptions?.[name] ?? '') !== '', [...path, 'seLinuxOptions', name], 'must not be set'),
  ),
];

const containerContext: Check<V1SecurityContext> = (context, path) => [
  ...commonContext(context, path),
  ...refuse(context.privileged === true, [...path, 'privileged'], 'gives the container the whole node'),
  ...refuse((context.procMount ?? 'Default') !== 'Default', [...path, 'procMount'], 'must be Default'),
  ...(context.capabilities?.add ?? []).flatMap((name, index) =>
    refuse(!harmlessCapabilities.has(name), [...path, 'capabilities', 'add', index], `adds the capability ${name}`),
  ),
];

/** The kubelet would ask that host on the template's behalf, from the node's network. */
const probe = (of: V1Probe | undefined, path: Path): Problem[] => [
  ...refuse((of?.httpGet?.host ?? '') !== '', [...path, 'httpGet', 'host'], 'makes the node connect elsewhere'),
  ...refuse((of?.tcpSocket?.host ?? '') !== '', [...path, 'tcpSocket', 'host'], 'makes the node connect elsewhere'),
];

const container: Check<V1Container> = (of, path) => [
  ...containerContext(of.securityContext ?? {}, [...path, 'securityContext']),
  ...(of.ports ?? []).flatMap(({ hostPort }, index) =>
    refuse((hostPort ?? 0) !== 0, [...path, 'ports', index, 'hostPort'], "opens a port of the node's"),
  ),
  ...(['livenessProbe', 'readinessProbe', 'startupProbe'] as const).flatMap((name) => probe(of[name], [...path, name])),
  ...(['postStart', 'preStop'] as const).flatMap((name) => probe(of.lifecycle?.[name], [...path, 'lifecycle', name])),
];

const volume: Check<V1Volume> = (of, path) => {
  const kinds = Object.keys(of).filter((key) => key !== 'name' && key !== 'ephemeral');
  const claim = of.persistentVolumeClaim?.claimName ?? '';
  const driver = of.csi?.driver;
  return [
    ...kinds.flatMap((kind) =>
      refuse(!harmlessVolumes.has(kind), [...path, kind], 'is a kind of volume that reaches outside the pod'),
    ),
    ...refuse(
      of.ephemeral !== undefined,
      [...path, 'ephemeral'],
      "makes a claim that may copy or pass for another workspace's; name the volume in compute.spec.volumes, or take an emptyDir",
    ),
    ...refuse(
      driver !== undefined && !harmlessDrivers.has(driver),
      [...path, 'csi', 'driver'],
      'may mount disks and shares from outside the pod; name the volume in compute.spec.volumes',
    ),
    ...refuse(
      workspaceClaim.test(claim),
      [...path, 'persistentVolumeClaim', 'claimName'],
      "is a workspace's own volume; name volumes of this one in compute.spec.volumes",
    ),
    ...(of.projected?.sources ?? []).flatMap((source, index) =>
      (['serviceAccountToken', 'podCertificate'] as const).flatMap((kind) =>
        refuse(
          source[kind] !== undefined,
          [...path, 'projected', 'sources', index, kind],
          `gives the pod ${clusterCredentials[kind]} of the cluster's`,
        ),
      ),
    ),
  ];
};

const sharedWithTheNode = ['hostNetwork', 'hostPID', 'hostIPC'] as const;

/** Everything in a pod spec that needs privileges, by its path in the spec. */
export const privilegeProblems = (spec: V1PodSpec): Problem[] => [
  ...sharedWithTheNode.flatMap((name) => refuse(spec[name] === true, [name], "shares the node's")),
  ...refuse(spec.nodeName !== undefined, ['nodeName'], 'passes the scheduler by; use nodeSelector'),
  ...refuse(
    spec.automountServiceAccountToken === true,
    ['automountServiceAccountToken'],
    "mounts a token of the cluster's",
  ),
  ...refuse(
    (spec.priorityClassName ?? '').startsWith('system-'),
    ['priorityClassName'],
    'would put the workspace before the cluster itself',
  ),
  ...commonContext(spec.securityContext ?? {}, ['securityContext']),
  ...(spec.securityContext?.sysctls ?? []).flatMap(({ name }, index) =>
    refuse(!safeSysctls.has(name), ['securityContext', 'sysctls', index], `sets ${name}, which the node shares`),
  ),
  ...(['initContainers', 'containers'] as const).flatMap((list) =>
    (spec[list] ?? []).flatMap((of, index) => container(of, [list, index])),
  ),
  ...(spec.volumes ?? []).flatMap((of, index) => volume(of, ['volumes', index])),
];

/** The user of nearly every image for development, and of a volume that nobody has written to. */
const usualUser = 1_000;

/** What a container has unless its template says otherwise: an ordinary user that cannot become another. */
export const withContainerDefaults = (of: V1Container, spec: V1PodSpec): V1Container => {
  const given = of.securityContext ?? {};
  if (given.privileged === true) return of;
  const user = given.runAsUser ?? spec.securityContext?.runAsUser ?? usualUser;
  return {
    ...of,
    securityContext: {
      runAsUser: user,
      ...(user === 0 || spec.securityContext?.runAsNonRoot !== undefined ? {} : { runAsNonRoot: true }),
      allowPrivilegeEscalation: false,
      ...given,
      capabilities: { drop: ['ALL'], ...given.capabilities },
    },
  };
};

/** Volumes belong to the group of the usual user; changing that again at each start would take long on a full home. */
export const podSecurityDefaults = (given: V1PodSpec['securityContext']): V1PodSpec['securityContext'] => ({
  fsGroup: usualUser,
  fsGroupChangePolicy: 'OnRootMismatch',
  seccompProfile: { type: 'RuntimeDefault' },
  ...given,
});
