import type { V1Container, V1PodSpec } from '@kubernetes/client-node';

/** The user id of nearly every development image. */
const defaultUser = 1_000;

/** Unless the template says otherwise, a container runs as an unprivileged user that cannot gain privileges. */
export const withContainerDefaults = (of: V1Container, spec: V1PodSpec): V1Container => {
  const given = of.securityContext ?? {};
  if (given.privileged === true) return of;
  const user = given.runAsUser ?? spec.securityContext?.runAsUser ?? defaultUser;
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

/**
 * Volumes belong to the default user's group. `OnRootMismatch`, because changing all files at each start takes long on
 * a full home.
 */
export const podSecurityDefaults = (given: V1PodSpec['securityContext']): V1PodSpec['securityContext'] => ({
  fsGroup: defaultUser,
  fsGroupChangePolicy: 'OnRootMismatch',
  seccompProfile: { type: 'RuntimeDefault' },
  ...given,
});
