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
      `${what} starts with a letter and holds lower-case letters, digits and single hyphens between them`,
    );

/** `xn--` begins a label in letters of another alphabet: no browser goes to one that is none. */
export const AppName = name('An app name', nameLimits.app).refine((app) => app !== 'xn', 'An app cannot be named xn');
export const WorkspaceName = name('A workspace name', nameLimits.workspace);
export const OwnerName = name('A user name', nameLimits.owner);
export const TemplateName = name('A template name', 40);

/** `ws-` and 26 characters of a ULID in lower case; sorts by creation time. */
export const WorkspaceId = z.string().regex(/^ws-[0-9a-z]{26}$/, 'A workspace id looks like ws-01h…');

/** A TCP port. */
export const Port = z.int().min(1).max(65_535);

/**
 * The port that stands where a host names an app; `undefined` for an app's name. In one spelling only, and never taken for
 * a name, which begins with a letter.
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

/** The host label of an app, e.g. `web--demo--ada`. */
export const appLabel = ({ app, workspace, owner }: AppHost): string => `${app}--${workspace}--${owner}`;

/** Made once: it is asked of every request. */
const LabelParts = z.object({ app: z.union([AppName, PortLabel]), workspace: WorkspaceName, owner: OwnerName });

/** Reads a host label back; `undefined` for anything that `appLabel` could not have written. */
export const parseAppLabel = (label: string): AppHost | undefined => {
  const [app, workspace, owner, ...rest] = label.split('--');
  if (rest.length > 0) return undefined;
  const read = LabelParts.safeParse({ app, workspace, owner });
  return read.success ? read.data : undefined;
};

/** A workspace of whoever it is, as its hosts name it: `demo--ada`. */
export const workspaceLabel = ({ workspace, owner }: Omit<AppHost, 'app'>): string => `${workspace}--${owner}`;

const WorkspaceLabelParts = LabelParts.omit({ app: true });

/** Reads such a label back; `undefined` for anything else. */
export const parseWorkspaceLabel = (label: string): Omit<AppHost, 'app'> | undefined => {
  const [workspace, owner, ...rest] = label.split('--');
  const read = WorkspaceLabelParts.safeParse({ workspace, owner });
  return read.success && rest.length === 0 ? read.data : undefined;
};
