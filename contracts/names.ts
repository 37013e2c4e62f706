import * as z from 'zod';

/**
 * Names that people choose become DNS labels: an app is served at
 * `<app>--<workspace>--<owner>.<domain>`, and a label has 63 characters at the most.
 * The three limits below add up to it (15 + 2 + 26 + 2 + 18 = 63), and a name never
 * holds `--`, so a label is taken apart in one way only and never needs escaping.
 */
export const nameLimits = { app: 15, workspace: 26, owner: 18 } as const;

const namePattern = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;

const name = (what: string, max: number) =>
  z
    .string()
    .max(max, `${what} has at most ${max} characters`)
    .regex(
      namePattern,
      `${what} starts with a letter and holds lower-case letters, digits and single hyphens between them`,
    );

export const AppName = name('An app name', nameLimits.app);
export const WorkspaceName = name('A workspace name', nameLimits.workspace);
export const OwnerName = name('A user name', nameLimits.owner);
export const TemplateName = name('A template name', 40);

/** `ws-` and 26 characters of a ULID in lower case; sorts by creation time. */
export const WorkspaceId = z.string().regex(/^ws-[0-9a-z]{26}$/, 'A workspace id looks like ws-01h…');

export interface AppHost {
  app: string;
  workspace: string;
  owner: string;
}

/** The host label of an app, e.g. `web--demo--ada`. */
export const appLabel = ({ app, workspace, owner }: AppHost): string => `${app}--${workspace}--${owner}`;

/** Reads a host label back; `undefined` for anything that `appLabel` could not have written. */
export const parseAppLabel = (label: string): AppHost | undefined => {
  const [app, workspace, owner, ...rest] = label.split('--');
  if (rest.length > 0) return undefined;
  const read = z.object({ app: AppName, workspace: WorkspaceName, owner: OwnerName }).safeParse({
    app,
    workspace,
    owner,
  });
  return read.success ? read.data : undefined;
};
