import { Button, NativeSelect, SegmentedControl } from '@mantine/core';
import { SearchField } from '../ui/elements/SearchField.tsx';
import { type Choice, type Filters, isFiltered, type Scope, type Sort, type StatusFilter } from './filters.ts';
import classes from './WorkspaceFilters.module.css';

const scopeLabels: Record<Scope, string> = { me: 'Mine', shared: 'Shared with me', everyone: 'All' };
const statusLabels: Record<StatusFilter, string> = {
  running: 'Running',
  active: 'Running or busy',
  stopped: 'Stopped',
  failed: 'Failed',
};
const sortLabels: Record<Sort, string> = {
  name: 'Sort by name',
  used: 'Sort by last used',
  newest: 'Sort by newest',
  status: 'Sort by status',
};

const choicesOf = (labels: Record<string, string>): Choice[] =>
  Object.entries(labels).map(([value, label]) => ({ value, label }));

/** The choices, plus the one in the URL if it is unknown, for example a template that no longer exists. */
const withChosen = (any: string, choices: readonly Choice[], chosen: string | undefined): Choice[] => {
  const known = chosen === undefined || choices.some(({ value }) => value === chosen);
  return [{ value: '', label: any }, ...choices, ...(known ? [] : [{ value: chosen, label: chosen }])];
};

interface Props {
  scope: Scope;
  scopes: readonly Scope[];
  /** The number of workspaces shared with the person. */
  shared: number;
  filters: Filters;
  templates: readonly Choice[];
  owners: readonly Choice[];
  /** The scope has no workspaces, so there is nothing to filter. */
  empty: boolean;
  change: (changed: Filters & { owner?: Scope }, replace?: boolean) => void;
  clear: () => void;
}

/** Scope, search, filters and order. Each choice adds a history entry; typing in the search replaces it. */
export function WorkspaceFilters({ scope, scopes, shared, filters, templates, owners, empty, change, clear }: Props) {
  const { q = '', status, template, by, sort = 'name' } = filters;
  const filter = (name: 'status' | 'template' | 'by' | 'sort', label: string, data: Choice[], value = '') => (
    <NativeSelect
      className={classes['filter'] ?? ''}
      aria-label={label}
      data={data}
      value={value}
      onChange={(event) => change({ [name]: event.currentTarget.value })}
    />
  );
  const scopeControl = (
    <SegmentedControl
      className={classes['scope'] ?? ''}
      aria-label="Scope"
      data={scopes.map((value) => ({
        value,
        label: value === 'shared' && shared > 0 ? `${scopeLabels.shared} (${shared})` : scopeLabels[value],
      }))}
      value={scope}
      onChange={(value) => change({ owner: value as Scope })}
    />
  );
  if (empty) return <div className={classes['bar']}>{scopeControl}</div>;
  return (
    <search className={classes['bar']} aria-label="Workspaces">
      {scopeControl}
      <SearchField
        label="Search workspaces"
        placeholder="Name, template, owner"
        value={q}
        onChange={(next) => change({ q: next }, true)}
      />
      {filter('status', 'Status', withChosen('Any status', choicesOf(statusLabels), status), status)}
      {filter('template', 'Template', withChosen('Any template', templates, template), template)}
      {scope !== 'me' && filter('by', 'Owner', withChosen('Any owner', owners, by), by)}
      {filter('sort', 'Sort', choicesOf(sortLabels), sort)}
      {isFiltered(filters) && (
        <Button variant="subtle" onClick={clear}>
          Clear filters
        </Button>
      )}
    </search>
  );
}
