import type { WorkspaceStatus } from '../../../contracts/workspaces/workspace.ts';
import { workspaceStatusLabels } from '../workspaces/status.ts';
import type { WorkspaceRow } from './workspaceRow.ts';

export const scopes = ['me', 'shared', 'everyone'] as const;
export type Scope = (typeof scopes)[number];

/** `active` is every status that is not settled. */
export const statusFilters = ['running', 'active', 'stopped', 'failed'] as const;
export type StatusFilter = (typeof statusFilters)[number];

export const sorts = ['name', 'used', 'newest', 'status'] as const;
export type Sort = (typeof sorts)[number];

/** The search, filters and order of the list, as in the URL. */
export interface Filters {
  q?: string;
  status?: StatusFilter;
  template?: string;
  /** The owner's username. */
  by?: string;
  sort?: Sort;
}

export const isFiltered = ({ q, status, template, by }: Filters): boolean =>
  [q?.trim(), status, template, by].some((value) => value !== undefined && value !== '');

const settledStatuses: readonly WorkspaceStatus[] = ['stopped', 'failed', 'deleted'];
const hasStatus = (status: WorkspaceStatus, wanted: StatusFilter): boolean =>
  wanted === 'active' ? !settledStatuses.includes(status) : status === wanted;

const matches = ({ name, owner, status, apps, workspace }: WorkspaceRow, search: string): boolean => {
  const { template } = workspace ?? {};
  const parts = [name, owner.name, workspaceStatusLabels[status].word, template?.name, template?.displayName];
  const text = [...parts, ...apps.map((app) => app.displayName)].join(' ').toLowerCase();
  return search
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
};

const lastUsed = ({ workspace }: WorkspaceRow): string => workspace?.lastActivityAt ?? workspace?.startedAt ?? '';
const createdAt = ({ workspace }: WorkspaceRow): string => workspace?.createdAt ?? '';
const statusOrder: Record<WorkspaceStatus, number> = {
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

const byName = (a: WorkspaceRow, b: WorkspaceRow): number =>
  a.name.localeCompare(b.name) || a.owner.name.localeCompare(b.owner.name);
const byText = (text: (row: WorkspaceRow) => string) => (a: WorkspaceRow, b: WorkspaceRow) =>
  text(b).localeCompare(text(a));
const compare: Record<Sort, (a: WorkspaceRow, b: WorkspaceRow) => number> = {
  name: byName,
  used: byText(lastUsed),
  newest: byText(createdAt),
  status: (a, b) => statusOrder[a.status] - statusOrder[b.status],
};

/** The rows that match all filters, sorted. */
export const filterWorkspaces = (all: readonly WorkspaceRow[], filters: Filters): WorkspaceRow[] => {
  const { q = '', status, template, by, sort = 'name' } = filters;
  const kept = all.filter(
    (row) =>
      matches(row, q.trim()) &&
      (status === undefined || hasStatus(row.status, status)) &&
      (template === undefined || row.workspace?.template.name === template) &&
      (by === undefined || row.owner.name === by),
  );
  return kept.sort((a, b) => compare[sort](a, b) || byName(a, b));
};

export interface Choice {
  value: string;
  label: string;
}

const distinct = (choices: readonly Choice[]): Choice[] =>
  [...new Map(choices.map((choice) => [choice.value, choice])).values()].sort((a, b) => a.label.localeCompare(b.label));

/** The templates and owners of the rows, as choices for the filters. */
export const facets = (all: readonly WorkspaceRow[]): { templates: Choice[]; owners: Choice[] } => ({
  templates: distinct(
    all.flatMap(({ workspace }) =>
      workspace === undefined ? [] : [{ value: workspace.template.name, label: workspace.template.displayName }],
    ),
  ),
  owners: distinct(all.map(({ owner }) => ({ value: owner.name, label: owner.name }))),
});
