import { Button, NativeSelect, SegmentedControl } from '@mantine/core';
import { type Choice, type Filters, isFiltered, type Scope, type Sort, type StatusFilter } from '../lib/filters.ts';
import { SearchField } from './SearchField.tsx';
import classes from './WorkspaceFilters.module.css';

const scopeLabels: Record<Scope, string> = { me: 'Mine', shared: 'Shared with me', everyone: 'Everyone’s' };
const statusLabels: Record<StatusFilter, string> = {
  running: 'Running',
  active: 'Running or moving',
  stopped: 'Stopped',
  failed: 'Failed',
};
const sortLabels: Record<Sort, string> = {
  name: 'By name',
  used: 'Last used first',
  newest: 'Newest first',
  status: 'By status',
};

const choicesOf = (labels: Record<string, string>): Choice[] =>
  Object.entries(labels).map(([value, label]) => ({ value, label }));

/** The choices there are, and the one of the address, which may be of a thing that is gone. */
const withChosen = (any: string, choices: readonly Choice[], chosen: string | undefined): Choice[] => {
  const known = chosen === undefined || choices.some(({ value }) => value === chosen);
  return [{ value: '', label: any }, ...choices, ...(known ? [] : [{ value: chosen, label: chosen }])];
};

interface Props {
  scope: Scope;
  scopes: readonly Scope[];
  filters: Filters;
  templates: readonly Choice[];
  owners: readonly Choice[];
  /** There is nothing to filter. */
  empty: boolean;
  change: (changed: Filters & { owner?: Scope }, replace?: boolean) => void;
  clear: () => void;
}

/** What of the workspaces is shown. Each choice is a step of the history; the letters of a search are not. */
export function WorkspaceFilters({ scope, scopes, filters, templates, owners, empty, change, clear }: Props) {
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
  const whose = (
    <SegmentedControl
      className={classes['scope'] ?? ''}
      aria-label="Whose workspaces"
      data={scopes.map((value) => ({ value, label: scopeLabels[value] }))}
      value={scope}
      onChange={(value) => change({ owner: value as Scope })}
    />
  );
  if (empty) return <div className={classes['bar']}>{whose}</div>;
  return (
    <search className={classes['bar']} aria-label="Workspaces">
      {whose}
      <SearchField
        label="Search workspaces"
        placeholder="Name, template, owner"
        value={q}
        onChange={(next) => change({ q: next }, true)}
      />
      {filter('status', 'Status', withChosen('Any status', choicesOf(statusLabels), status), status)}
      {filter('template', 'Template', withChosen('Any template', templates, template), template)}
      {scope !== 'me' && filter('by', 'Owner', withChosen('Any owner', owners, by), by)}
      {filter('sort', 'Order', choicesOf(sortLabels), sort)}
      {isFiltered(filters) && (
        <Button variant="subtle" onClick={clear}>
          Clear filters
        </Button>
      )}
    </search>
  );
}
