import { portOf } from '../../../contracts/names.ts';
import type { Share, ShareWhat } from '../../../contracts/sharing.ts';
import type { SharingLimit } from '../../../contracts/sharing-limits.ts';

const limitWords: Record<SharingLimit, string> = {
  none: 'with nobody',
  people: 'with people by name',
  groups: 'with people and groups',
  everyone: 'with anybody who is signed in',
};

/** `It may be shared with people and groups, apps with anybody who is signed in.` */
export const limitSentence = ({ apps, workspace }: { apps: SharingLimit; workspace: SharingLimit }): string =>
  apps === workspace
    ? `Its template and your administrator let it be shared ${limitWords[workspace]}.`
    : `Its template and your administrator let the whole workspace be shared ${limitWords[workspace]}, single apps and ports ${limitWords[apps]}.`;

interface Named {
  name: string;
  displayName: string;
}

/** The value of a choice: `workspace`, `app:web`, or `port`. */
export const whatChoices = (apps: readonly Named[], browserOnly: boolean): { value: string; label: string }[] => [
  { value: 'workspace', label: 'The whole workspace' },
  ...apps.map(({ name, displayName }) => ({ value: `app:${name}`, label: `The app ${displayName}` })),
  ...(browserOnly ? [] : [{ value: 'port', label: 'A port…' }]),
];

/** What is chosen; `undefined` for a port that is none. */
export const whatOf = (choice: string, portText: string): ShareWhat | undefined => {
  if (choice === 'workspace') return { kind: 'workspace' };
  if (choice.startsWith('app:')) return { kind: 'app', app: choice.slice('app:'.length) };
  const port = portOf(portText.trim());
  return port === undefined ? undefined : { kind: 'port', port };
};

export const whatWords = (what: ShareWhat, apps: readonly Named[]): string => {
  if (what.kind === 'workspace') return 'The whole workspace';
  if (what.kind === 'port') return `Port ${what.port}`;
  return `App ${apps.find(({ name }) => name === what.app)?.displayName ?? what.app}`;
};

export const withWords = (shared: Share['with']): string => {
  if (shared.kind === 'person') return shared.name;
  return shared.kind === 'group' ? `the group ${shared.group}` : 'everyone who is signed in';
};

const hour = 3_600_000;
export const shareTimes = [
  { value: '', label: 'Until I revoke it' },
  { value: String(hour), label: 'For an hour' },
  { value: String(8 * hour), label: 'For 8 hours' },
  { value: String(24 * hour), label: 'For a day' },
  { value: String(7 * 24 * hour), label: 'For a week' },
  { value: String(30 * 24 * hour), label: 'For 30 days' },
];
