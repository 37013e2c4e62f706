import type { SharingLimit } from '../../../contracts/templates/sharing-limits.ts';
import { portOf } from '../../../contracts/values/names.ts';
import type { Share, ShareWhat } from '../../../contracts/workspaces/sharing.ts';

const limitLabels: Record<Exclude<SharingLimit, 'none'>, string> = {
  people: 'with people',
  groups: 'with people and groups',
  everyone: 'with everyone who is signed in',
};

/** Who the workspace, and its apps and ports, may be shared with. */
export const limitSentence = ({ apps, workspace }: { apps: SharingLimit; workspace: SharingLimit }): string => {
  const [whole, parts] = [workspace, apps].map((limit) => (limit === 'none' ? undefined : limitLabels[limit]));
  const allow = 'The template and your administrator allow sharing';
  if (whole === parts) {
    return whole === undefined ? 'The template or your administrator does not allow sharing.' : `${allow} ${whole}.`;
  }
  if (whole === undefined) return `${allow} apps and ports ${parts}, but not the whole workspace.`;
  if (parts === undefined) return `${allow} the whole workspace ${whole}, but not its apps and ports.`;
  return `${allow} the whole workspace ${whole}, and apps and ports ${parts}.`;
};

interface Named {
  name: string;
  displayName: string;
}

/** Choices with the values `workspace`, `app:<name>` and `port`. */
export const whatChoices = (apps: readonly Named[], browserOnly: boolean): { value: string; label: string }[] => [
  { value: 'workspace', label: 'The whole workspace' },
  ...apps.map(({ name, displayName }) => ({ value: `app:${name}`, label: `The app ${displayName}` })),
  ...(browserOnly ? [] : [{ value: 'port', label: 'A port…' }]),
];

/** The share of a choice; `undefined` for an invalid port. */
export const whatOf = (choice: string, portText: string): ShareWhat | undefined => {
  if (choice === 'workspace') return { kind: 'workspace' };
  if (choice.startsWith('app:')) return { kind: 'app', app: choice.slice('app:'.length) };
  const port = portOf(portText.trim());
  return port === undefined ? undefined : { kind: 'port', port };
};

export const whatLabel = (what: ShareWhat, apps: readonly Named[]): string => {
  if (what.kind === 'workspace') return 'The whole workspace';
  if (what.kind === 'port') return `Port ${what.port}`;
  return `App ${apps.find(({ name }) => name === what.app)?.displayName ?? what.app}`;
};

export const recipientLabel = (shared: Share['with']): string => {
  if (shared.kind === 'person') return shared.name;
  return shared.kind === 'group' ? `the group ${shared.group}` : 'everyone who is signed in';
};

const hour = 3_600_000;
export const expiryChoices = [
  { value: '', label: 'Until revoked' },
  { value: String(hour), label: '1 hour' },
  { value: String(8 * hour), label: '8 hours' },
  { value: String(24 * hour), label: '1 day' },
  { value: String(7 * 24 * hour), label: '7 days' },
  { value: String(30 * 24 * hour), label: '30 days' },
];
