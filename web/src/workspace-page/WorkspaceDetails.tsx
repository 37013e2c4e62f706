import { Anchor } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { parameterLabel } from '../../../contracts/templates/check-parameters.ts';
import type { Parameter, ParameterValue } from '../../../contracts/templates/parameters.ts';
import type { Workspace } from '../../../contracts/workspaces/workspace.ts';
import { formatAgo, formatDateTime } from '../lib/format.ts';
import { formatPrices } from '../lib/prices.ts';
import { useNow } from '../lib/useNow.ts';
import { Card } from '../ui/layout/Card.tsx';
import classes from '../ui/layout/Details.module.css';

const valueText = (value: ParameterValue): string => {
  if (typeof value === 'boolean') return value ? 'on' : 'off';
  const text = Array.isArray(value) ? value.join(', ') : String(value);
  return text === '' ? '—' : text;
};

const labelOf = (name: string, definitions: readonly Parameter[]): string => {
  const definition = definitions.find((definition) => definition.name === name);
  return definition === undefined ? name : parameterLabel(definition);
};

interface Props {
  workspace: Workspace;
  /** The parameters of the template version, for their labels. Until they are loaded, names are shown. */
  definitions: readonly Parameter[];
}

export function WorkspaceDetails({ workspace, definitions }: Props) {
  const now = useNow(30_000);
  const { template, owner, parameters, home, prices, createdAt, lastActivityAt } = workspace;
  const price = prices && formatPrices(prices);
  return (
    <Card title="Details" className={classes['card']}>
      <dl className={classes['list']}>
        <dt>Template</dt>
        <dd>
          <Anchor
            inherit
            underline="always"
            renderRoot={(props) => <Link to="/templates/$template" params={{ template: template.name }} {...props} />}
          >
            {template.displayName}
          </Anchor>
          , version {template.version}
        </dd>
        <dt>Owner</dt>
        <dd>{owner.name}</dd>
        <dt>Created</dt>
        <dd>{formatDateTime(new Date(createdAt))}</dd>
        {lastActivityAt !== undefined && (
          <>
            <dt>Last activity</dt>
            <dd>{formatAgo(new Date(lastActivityAt), now)}</dd>
          </>
        )}
        {home !== undefined && (
          <>
            <dt>Home</dt>
            <dd>{home}</dd>
          </>
        )}
        {price !== undefined && (
          <>
            <dt>Price</dt>
            <dd>{price}</dd>
          </>
        )}
        {Object.entries(parameters).map(([name, value]) => (
          <div key={name} className={classes['pair']}>
            <dt>{labelOf(name, definitions)}</dt>
            <dd>{valueText(value)}</dd>
          </div>
        ))}
      </dl>
    </Card>
  );
}
