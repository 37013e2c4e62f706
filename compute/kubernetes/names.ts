import type { V1ObjectMeta } from '@kubernetes/client-node';
import type { KubernetesKindSettings } from '../../contracts/kubernetes-settings.ts';
import { WorkspaceId } from '../../contracts/names.ts';
import { BerthError } from '../../core/errors.ts';
import type { Run } from '../kind.ts';

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
} as const;

/** Throws `invalid_request` for anything but a workspace id, so that no name or selector means something else. */
export const checkedId = (id: string): string => {
  if (WorkspaceId.safeParse(id).success) return id;
  throw new BerthError('invalid_request', `${JSON.stringify(id)} is no workspace id.`, { field: 'workspace.id' });
};

/** 29 characters, 2 and at most 9: within the 63 of a host name. The gateway knows an agent's build by it. */
export const podName = (workspaceId: string, build: number): string => `${workspaceId}-b${build}`;
export const claimName = (workspaceId: string, volume: string): string => `${workspaceId}-${volume}`;
export const policyName = (workspaceId: string): string => workspaceId;

/** As a label's value may be: what else it holds becomes hyphens. */
const labelValue = (text: string): string =>
  text
    .replaceAll(/[^A-Za-z0-9._-]/g, '-')
    .slice(0, 63)
    .replaceAll(/^[^A-Za-z0-9]+|[^A-Za-z0-9]+$/g, '');

type Settings = Pick<KubernetesKindSettings, 'installation' | 'labels' | 'namespace'>;

/** By which everything of one workspace is found; a template cannot set these labels. */
export const selectorOf = (installation: string, workspaceId: string): Record<string, string> => ({
  [label.installation]: installation,
  [label.workspace]: workspaceId,
});

/** Everything of every workspace of this Berth. */
export const allOf = (installation: string): Record<string, string> => ({ [label.installation]: installation });

type Of = Omit<Run<unknown>, 'agent' | 'spec'>;

/** Who pays: EKS allocates the cost of a pod's share of its node by such labels. */
const ownLabels = ({ workspace, build, template }: Of, settings: Settings): Record<string, string> => ({
  ...settings.labels,
  [label.managedBy]: 'berth',
  ...selectorOf(settings.installation, workspace.id),
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

/** What the template adds is there too, and never in the place of Berth's own. */
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

/** What Berth wrote on an object when it made it. */
export interface Origin {
  workspaceId: string | undefined;
  buildNumber: number;
  buildId: string | undefined;
}

export const originOf = ({ metadata }: { metadata?: V1ObjectMeta }): Origin => ({
  workspaceId: metadata?.labels?.[label.workspace],
  buildNumber: Number(metadata?.labels?.[label.build] ?? 0),
  buildId: metadata?.annotations?.[annotation.buildId],
});
