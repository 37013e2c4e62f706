import type { V1ObjectMeta } from '@kubernetes/client-node';
import type { KubernetesKindSettings } from '../../../contracts/settings/kubernetes.ts';
import { WorkspaceId } from '../../../contracts/values/names.ts';
import { BerthError } from '../../../core/errors.ts';
import type { KnownAs, Quarantine, Run } from '../../../core/ports/compute-kind.ts';

const label = {
  managedBy: 'app.kubernetes.io/managed-by',
  installation: 'berth.dev/installation',
  workspace: 'berth.dev/workspace',
  build: 'berth.dev/build',
  owner: 'berth.dev/owner',
  template: 'berth.dev/template',
} as const;

const annotation = {
  buildId: 'berth.dev/build-id',
  workspaceName: 'berth.dev/workspace-name',
  ownerName: 'berth.dev/owner-name',
  templateVersion: 'berth.dev/template-version',
  quarantinedSince: 'berth.dev/quarantined-since',
  quarantineReason: 'berth.dev/quarantine-reason',
  notice: 'berth.dev/notice',
} as const;

/** Throws `invalid_request` for anything but a workspace id, so that no name or selector means something else. */
export const checkWorkspaceId = (id: string): string => {
  if (WorkspaceId.safeParse(id).success) return id;
  throw new BerthError('invalid_request', `${JSON.stringify(id)} is not a workspace id.`, { field: 'workspace.id' });
};

/** At most 40 characters, within the 63 of a host name. The gateway derives an agent's build from this name. */
export const podName = (workspaceId: string, build: number): string => `${workspaceId}-b${build}`;
export const claimName = (workspaceId: string, volume: string): string => `${workspaceId}-${volume}`;
export const policyName = (workspaceId: string): string => workspaceId;

/** Replaces the characters that a label's value must not have with hyphens. */
const labelValue = (text: string): string =>
  text
    .replaceAll(/[^A-Za-z0-9._-]/g, '-')
    .slice(0, 63)
    .replaceAll(/^[^A-Za-z0-9]+|[^A-Za-z0-9]+$/g, '');

type Settings = Pick<KubernetesKindSettings, 'installation' | 'labels' | 'namespace'>;

/** Selects everything of one workspace. A template cannot set these labels. */
export const workspaceLabels = (installation: string, workspaceId: string): Record<string, string> => ({
  [label.installation]: installation,
  [label.workspace]: workspaceId,
});

/** Selects everything of this installation. */
export const installationLabels = (installation: string): Record<string, string> => ({
  [label.installation]: installation,
});

type Of = Omit<Run<unknown>, 'agent' | 'spec'>;

/** EKS also allocates a pod's share of its node's cost by these labels. */
const ownLabels = ({ workspace, build, template }: Of, settings: Settings): Record<string, string> => ({
  ...settings.labels,
  [label.managedBy]: 'berth',
  ...workspaceLabels(settings.installation, workspace.id),
  [label.build]: String(build.number),
  [label.owner]: labelValue(workspace.owner.id),
  [label.template]: labelValue(template.name),
});

const ownAnnotations = ({ workspace, build, template }: Of): Record<string, string> => ({
  [annotation.buildId]: build.id,
  [annotation.workspaceName]: workspace.name,
  [annotation.ownerName]: workspace.owner.name,
  [annotation.templateVersion]: String(template.version),
});

/** Includes the template's labels and annotations; Berth's own take precedence. */
export const metadataOf = (
  run: Of,
  settings: Settings,
  name: string,
  given: { labels: Record<string, string>; annotations: Record<string, string> },
): V1ObjectMeta => ({
  name,
  namespace: settings.namespace,
  labels: { ...given.labels, ...ownLabels(run, settings) },
  annotations: { ...given.annotations, ...ownAnnotations(run) },
});

/** The annotations of a quarantined claim; without a mark, `null` for each, which removes them. */
export const quarantineAnnotations = (mark?: Quarantine): Record<string, string | null> => ({
  [annotation.quarantinedSince]: mark?.since ?? null,
  [annotation.quarantineReason]: mark?.reason ?? null,
});

export const quarantineOf = ({ metadata }: { metadata?: V1ObjectMeta }): Quarantine | undefined => {
  const since = metadata?.annotations?.[annotation.quarantinedSince];
  return since === undefined
    ? undefined
    : { since, reason: metadata?.annotations?.[annotation.quarantineReason] ?? '' };
};

/** The names that the object's workspace had when the object was last applied. */
export const knownAsOf = ({ metadata }: { metadata?: V1ObjectMeta }): KnownAs => {
  const name = metadata?.annotations?.[annotation.workspaceName];
  const owner = metadata?.annotations?.[annotation.ownerName];
  const template = metadata?.labels?.[label.template];
  return {
    ...(name === undefined ? {} : { name }),
    ...(owner === undefined ? {} : { owner }),
    ...(template === undefined ? {} : { template }),
  };
};

/** What Berth recorded in an object's metadata. */
export interface RecordedMetadata {
  workspaceId: string | undefined;
  buildNumber: number;
  buildId: string | undefined;
  /** What the owner should know although the start succeeded. */
  notice: string | undefined;
}

/** See `Origin.notice`. */
export const noticeAnnotation = (notice: string): Record<string, string> =>
  notice === '' ? {} : { [annotation.notice]: notice };

export const recordedMetadataOf = ({ metadata }: { metadata?: V1ObjectMeta }): RecordedMetadata => ({
  workspaceId: metadata?.labels?.[label.workspace],
  buildNumber: Number(metadata?.labels?.[label.build] ?? 0),
  buildId: metadata?.annotations?.[annotation.buildId],
  notice: metadata?.annotations?.[annotation.notice],
});
