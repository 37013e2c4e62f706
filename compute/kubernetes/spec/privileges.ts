import type { V1Container, V1PodSpec, V1Probe, V1SecurityContext, V1Volume } from '@kubernetes/client-node';
import type { SpecProblem } from './pod-fields.ts';

/**
 * What a template may only use with `privileged: true` and the administrator's permission: everything outside the level
 * "baseline" of the Pod Security Standards (https://kubernetes.io/docs/concepts/security/pod-security-standards/), and
 * whatever reaches another workspace's resources or the cluster's API.
 */
type Path = SpecProblem['path'];
type Check<T> = (of: T, path: Path) => SpecProblem[];

const refuse = (when: boolean, path: Path, message: string): SpecProblem[] => (when ? [{ path, message }] : []);

/** The capabilities that "baseline" lets a container add. */
const allowedCapabilities = new Set(
  (
    'AUDIT_WRITE CHOWN DAC_OVERRIDE FOWNER FSETID KILL MKNOD NET_BIND_SERVICE SETFCAP SETGID SETPCAP SETUID ' +
    'SYS_CHROOT'
  ).split(' '),
);
/** The sysctls that "baseline" calls safe: they affect the pod alone. */
const safeSysctls = new Set([
  ...['kernel.shm_rmid_forced', 'net.ipv4.ip_local_port_range', 'net.ipv4.ip_unprivileged_port_start'],
  ...['net.ipv4.tcp_syncookies', 'net.ipv4.ping_group_range', 'net.ipv4.ip_local_reserved_ports'],
  ...['net.ipv4.tcp_keepalive_time', 'net.ipv4.tcp_fin_timeout', 'net.ipv4.tcp_keepalive_intvl'],
  ...['net.ipv4.tcp_keepalive_probes', 'net.ipv4.tcp_rmem', 'net.ipv4.tcp_wmem'],
]);
const containerSelinuxTypes = new Set(['container_t', 'container_init_t', 'container_kvm_t', 'container_engine_t']);
/** The types of volume that expose nothing of the node and cannot name another workspace's disk. */
const allowedVolumeTypes = new Set([
  ...['configMap', 'csi', 'downwardAPI', 'emptyDir', 'image', 'persistentVolumeClaim', 'projected', 'secret'],
]);
/**
 * CSI drivers limited to what the pod's own service account may read. Drivers of disks and file shares mount any by
 * name.
 */
const allowedDrivers = new Set(['secrets-store.csi.k8s.io']);
/** Projected credentials that would give access to the cluster's API. */
const clusterCredentials = { serviceAccountToken: 'a token', podCertificate: 'a certificate' } as const;
const workspaceClaim = /^ws-[0-9a-z]{26}-/;

/** The fields that pods and containers share. */
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
  ...refuse(context.privileged === true, [...path, 'privileged'], 'gives the container full access to the node'),
  ...refuse((context.procMount ?? 'Default') !== 'Default', [...path, 'procMount'], 'must be Default'),
  ...(context.capabilities?.add ?? []).flatMap((name, index) =>
    refuse(!allowedCapabilities.has(name), [...path, 'capabilities', 'add', index], `adds the capability ${name}`),
  ),
];

/** The kubelet would connect to that host from the node's network. */
const probe = (of: V1Probe | undefined, path: Path): SpecProblem[] => [
  ...refuse((of?.httpGet?.host ?? '') !== '', [...path, 'httpGet', 'host'], 'makes the node connect elsewhere'),
  ...refuse((of?.tcpSocket?.host ?? '') !== '', [...path, 'tcpSocket', 'host'], 'makes the node connect elsewhere'),
];

const container: Check<V1Container> = (of, path) => [
  ...containerContext(of.securityContext ?? {}, [...path, 'securityContext']),
  ...(of.ports ?? []).flatMap(({ hostPort }, index) =>
    refuse((hostPort ?? 0) !== 0, [...path, 'ports', index, 'hostPort'], 'opens a port on the node'),
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
      refuse(!allowedVolumeTypes.has(kind), [...path, kind], 'is a type of volume that reaches outside the pod'),
    ),
    ...refuse(
      of.ephemeral !== undefined,
      [...path, 'ephemeral'],
      "creates a claim that could copy or imitate another workspace's; declare the volume in compute.spec.volumes, or use an emptyDir",
    ),
    ...refuse(
      driver !== undefined && !allowedDrivers.has(driver),
      [...path, 'csi', 'driver'],
      'may mount disks and file shares from outside the pod; declare the volume in compute.spec.volumes',
    ),
    ...refuse(
      workspaceClaim.test(claim),
      [...path, 'persistentVolumeClaim', 'claimName'],
      "belongs to a workspace; declare this workspace's volumes in compute.spec.volumes",
    ),
    ...(of.projected?.sources ?? []).flatMap((source, index) =>
      (['serviceAccountToken', 'podCertificate'] as const).flatMap((kind) =>
        refuse(
          source[kind] !== undefined,
          [...path, 'projected', 'sources', index, kind],
          `gives the pod ${clusterCredentials[kind]} for the cluster's API`,
        ),
      ),
    ),
  ];
};

const hostNamespaces = ['hostNetwork', 'hostPID', 'hostIPC'] as const;

/** Everything in a pod spec that needs privileges, with its path in the spec. */
export const privilegeProblems = (spec: V1PodSpec): SpecProblem[] => [
  ...hostNamespaces.flatMap((name) => refuse(spec[name] === true, [name], 'shares a namespace with the node')),
  ...refuse(spec.nodeName !== undefined, ['nodeName'], 'bypasses the scheduler; use nodeSelector'),
  ...refuse(
    spec.automountServiceAccountToken === true,
    ['automountServiceAccountToken'],
    "mounts a token for the cluster's API",
  ),
  ...refuse(
    (spec.priorityClassName ?? '').startsWith('system-'),
    ['priorityClassName'],
    'would let the workspace preempt system pods',
  ),
  ...commonContext(spec.securityContext ?? {}, ['securityContext']),
  ...(spec.securityContext?.sysctls ?? []).flatMap(({ name }, index) =>
    refuse(!safeSysctls.has(name), ['securityContext', 'sysctls', index], `sets ${name}, which affects the node`),
  ),
  ...(['initContainers', 'containers'] as const).flatMap((list) =>
    (spec[list] ?? []).flatMap((of, index) => container(of, [list, index])),
  ),
  ...(spec.volumes ?? []).flatMap((of, index) => volume(of, ['volumes', index])),
];
