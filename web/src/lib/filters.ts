import type { WorkspaceStatus } from '../../../contracts/workspace.ts';
import type { Listed } from './listed.ts';
import { workspaceStatus } from './status.ts';

export const scopes = ['me', 'shared', 'everyone'] as const;
export type Scope = (typeof scopes)[number];

/** `active` is whatever is not at rest. */
export const statusFilters = ['running', 'active', 'stopped', 'failed'] as const;
export type StatusFilter = (typeof statusFilters)[number];

export const sorts = ['name', 'used', 'newest', 'status'] as const;
export type Sort = (typeof sorts)[number];

/** What of a list is shown; all of it is in the address. */
export interface Filters {
  q?: string;
  status?: StatusFilter;
  template?: string;
  /** The name of an owner. */
  by?: string;
  sort?: Sort;
}

export const isFiltered = ({ q, status, template, by }: Filters): boolean =>
  [q?.trim(), status, template, by].some((value) => value !== undefined && value !== '');

const atRest: readonly WorkspaceStatus[] = ['stopped', 'failed', 'deleted'];
const ofStatus = (status: WorkspaceStatus, wanted: StatusFilter): boolean =>
  wanted === 'active' ? !atRest.includes(status) : status === wanted;

const matches = ({ name, owner, status, apps, workspace }: Listed, search: string): boolean => {
  const { template } = workspace ?? {};
  const parts = [name, owner.name, workspaceStatus[status].word, template?.name, template?.displayName];
  const text = [...parts, ...apps.map((app) => app.displayName)].join(' ').toLowerCase();
  return search
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
};

const lastUsed = ({ workspace }: Listed): string => workspace?.lastActivityAt ?? workspace?.startedAt ?? '';
const made = ({ workspace }: Listed): string => workspace?.createdAt ?? '';
const order: Record<WorkspaceStatus, number> = {
  failed: 0,
  running: 1,
  starting: 2,
  pending: 2,
  canceling: 2,
  stopping: 2,
  deleting: 3,
  stopped: 4,
  deleted: 5,
};

const byName = (a: Listed, b: Listed): number =>
  a.name.localeCompare(b.name) || a.owner.name.localeCompare(b.owner.name);
const byText = (text: (listed: Listed) => string) => (a: Listed, b: Listed) => text(b).localeCompare(text(a));
const compare: Record<Sort, (a: Listed, b: Listed) => number> = {
  name: byName,
  used: byText(lastUsed),
  newest: byText(made),
  status: (a, b) => order[a.status] - order[b.status],
};

/** What matches all filters, in the order asked for. */
export const filtered = (all: readonly Listed[], filters: Filters): Listed[] => {
  const { q = '', status, template, by, sort = 'name' } = filters;
  const kept = all.filter(
    (listed) =>
      matches(listed, q.trim()) &&
      (status === undefined || ofStatus(listed.status, status)) &&
      (template === undefined || listed.workspace?.template.name === template) &&
      (by === undefined || listed.owner.name === by),
  );
  return kept.sort((a, b) => compare[sort](a, b) || byName(a, b));
};

export interface Choice {
  value: string;
  label: string;
}

const distinct = (choices: readonly Choice[]): Choice[] =>
  [...new Map(choices.map((choice) => [choice.value, choice])).values()].sort((a, b) => a.label.localeCompare(b.label));

/** The templates and owners that occur, for the choices of the filters. */
export const facets = (all: readonly Listed[]): { templates: Choice[]; owners: Choice[] } => ({
  templates: distinct(
    all.flatMap(({ workspace }) =>
      workspace === undefined ? [] : [{ value: workspace.template.name, label: workspace.template.displayName }],
    ),
  ),
  owners: distinct(all.map(({ owner }) => ({ value: owner.name, label: owner.name }))),
});
