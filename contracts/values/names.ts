import * as z from 'zod';
import { nameLimits } from './name-limits.ts';

export { nameLimits };

const namePattern = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;

const name = (what: string, max: number) =>
  z
    .string()
    .max(max, `${what} has at most ${max} characters`)
    .regex(
      namePattern,
      `${what} starts with a letter and contains only lowercase letters, digits and single hyphens between them`,
    );

/** Browsers refuse a label that begins with `xn--` and is not valid Punycode (RFC 5890). */
export const AppName = name('An app name', nameLimits.app).refine((app) => app !== 'xn', 'An app cannot be named xn');
export const WorkspaceName = name('A workspace name', nameLimits.workspace);
export const OwnerName = name('A user name', nameLimits.owner);
export const TemplateName = name('A template name', 40);

/** `ws-` and a ULID in lowercase; sorts by creation time. */
export const WorkspaceId = z.string().regex(/^ws-[0-9a-z]{26}$/, 'A workspace id looks like ws-01h…');

/** A TCP port. */
export const Port = z.int().min(1).max(65_535);

/**
 * The port in the app part of a host; `undefined` for an app's name. Leading zeros are refused, so that a port has one
 * host only; a name begins with a letter, so the two cannot be confused.
 */
export const portOf = (app: string): number | undefined => {
  const port = /^[1-9][0-9]{0,4}$/.test(app) ? Number(app) : Number.NaN;
  return port <= 65_535 ? port : undefined;
};
const PortLabel = z.string().refine((text) => portOf(text) !== undefined);

export interface AppHost {
  /** The name of an app, or a port. */
  app: string;
  workspace: string;
  owner: string;
}

/** The host label of an app, for example `web--demo--ada`. */
export const appLabel = ({ app, workspace, owner }: AppHost): string => `${app}--${workspace}--${owner}`;

/** Built once, because every request to an app is parsed with it. */
const LabelParts = z.object({ app: z.union([AppName, PortLabel]), workspace: WorkspaceName, owner: OwnerName });

/** Parses a host label; `undefined` for anything that `appLabel` cannot return. */
export const parseAppLabel = (label: string): AppHost | undefined => {
  const [app, workspace, owner, ...rest] = label.split('--');
  if (rest.length > 0) return undefined;
  const read = LabelParts.safeParse({ app, workspace, owner });
  return read.success ? read.data : undefined;
};

/** A workspace with its owner, as in its hosts: `demo--ada`. */
export const workspaceLabel = ({ workspace, owner }: Omit<AppHost, 'app'>): string => `${workspace}--${owner}`;

const WorkspaceLabelParts = LabelParts.omit({ app: true });

/** Parses a workspace label; `undefined` for anything else. */
export const parseWorkspaceLabel = (label: string): Omit<AppHost, 'app'> | undefined => {
  const [workspace, owner, ...rest] = label.split('--');
  const read = WorkspaceLabelParts.safeParse({ workspace, owner });
  return read.success && rest.length === 0 ? read.data : undefined;
};
