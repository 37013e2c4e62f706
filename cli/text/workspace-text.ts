import { sanitizeLine } from '../../base/sanitize.ts';
import type { Workspace } from '../../contracts/workspaces/workspace.ts';
import { colored, dateTime, duration, fieldList, table } from '../io/format.ts';
import { daysText } from './days.ts';
import { priceText } from './price-text.ts';

export const statusText = ({ status, agent, unhealthy }: Workspace): string => {
  if (status === 'running' && agent?.status === 'disconnected') return 'running (agent disconnected)';
  return unhealthy === undefined ? status : `${status} (unhealthy)`;
};

const toneOf = ({ status, unhealthy }: Workspace) => {
  if (unhealthy !== undefined) return 'bad';
  if (status === 'running') return 'good';
  if (status === 'failed') return 'bad';
  return status === 'stopped' ? 'quiet' : 'busy';
};

/** The time until the workspace stops: `in 1h 58m`. */
export const stopsIn = ({ stop }: Workspace, now: Date): string =>
  stop === undefined ? '' : `in ${duration(Math.max(0, Date.parse(stop.at) - now.getTime()))}`;

/** The autostart schedule: `mon-fri at 08:30 Europe/Berlin`. */
export const autostartText = ({ days, at, timeZone }: NonNullable<Workspace['autostart']>): string =>
  `${daysText(days)} at ${at} ${timeZone}`;

const appRows = (workspace: Workspace): string[][] =>
  workspace.apps.map(({ displayName, health, url }) => [displayName, health, url]);

/** The apps with their health, followed by the problems of the unhealthy apps. */
const appsText = (workspace: Workspace): string => {
  if (workspace.apps.length === 0) return '';
  const problems = workspace.apps.flatMap(({ problem }) =>
    problem === undefined ? [] : [`${sanitizeLine(problem)}\n`],
  );
  return table(['APP', 'HEALTH', 'URL'], appRows(workspace)) + problems.join('');
};

export const runningText = (workspace: Workspace): string => {
  const hint = workspace.browserOnly
    ? 'It is browser-only: use its terminal and apps in the portal.'
    : `Open a shell with: berth ssh ${workspace.name}`;
  return `${workspace.name} is running. ${hint}\n${appsText(workspace)}`;
};

const parameterText = (value: unknown): string => (Array.isArray(value) ? value.join(',') : String(value));

/** The details of one workspace. */
export const workspaceText = (workspace: Workspace, now: Date, out: NodeJS.WriteStream): string => {
  const { name, template, owner, build, stop, autostart, failure = workspace.unhealthy } = workspace;
  const { version, activeVersion = version } = template;
  const update =
    activeVersion === version ? '' : ` (version ${activeVersion} is active, update with: berth update ${name})`;
  const lines = fieldList([
    ['Workspace', name],
    ['ID', workspace.id],
    ['Owner', owner.name],
    ['Template', `${template.name} version ${version}${update}`],
    ['Build', `${build.number}: ${build.transition}, ${build.status}`],
    ['Created', dateTime(workspace.createdAt)],
    ['Cost', workspace.prices && priceText(workspace.prices)],
    ['Browser-only', workspace.browserOnly ? 'yes, use its terminal and apps in the portal' : undefined],
    ['Stops', stop && `${stopsIn(workspace, now)}, at ${dateTime(stop.at)}: ${stop.because}`],
    ['', stop && `extendable until ${dateTime(stop.extendableUntil)}, for example: berth extend ${name} 2h`],
    ['Starts', autostart && `${autostartText(autostart)}, next at ${dateTime(autostart.next)}`],
    ...Object.entries(workspace.parameters).map(([key, value]) => [`-p ${key}`, parameterText(value)] as const),
  ]);
  const failureText = failure && `\n${sanitizeLine(failure.message)} ${sanitizeLine(failure.action)}\n`;
  const apps = workspace.apps.length === 0 ? '' : `\n${appsText(workspace)}`;
  return `${colored(toneOf(workspace), statusText(workspace), out)}\n${lines}${failureText ?? ''}${apps}`;
};
