import { Button, Text, Title } from '@mantine/core';
import { IconAdjustments } from '@tabler/icons-react';
import { parameterLabel } from '../../../contracts/parameters.ts';
import type { Parameter, ParameterValue } from '../../../contracts/template.ts';
import type { Workspace } from '../../../contracts/workspace.ts';
import { ago, dateTime } from '../lib/format.ts';
import { useNow } from '../lib/useNow.ts';
import classes from './WorkspaceDetails.module.css';

const shown = (value: ParameterValue): string => {
  if (typeof value === 'boolean') return value ? 'on' : 'off';
  const text = Array.isArray(value) ? value.join(', ') : String(value);
  return text === '' ? '—' : text;
};

interface Props {
  workspace: Workspace;
  /** Of its template version, for their labels; until they are known the names will do. */
  definitions: readonly Parameter[];
  /** Opens the form that changes parameters and version; absent where it is not one's own. */
  change?: (() => void) | undefined;
}

/** What it is made of. */
const labelOf = (name: string, definitions: readonly Parameter[]): string => {
  const definition = definitions.find((definition) => definition.name === name);
  return definition === undefined ? name : parameterLabel(definition);
};

export function WorkspaceDetails({ workspace, definitions, change }: Props) {
  const now = useNow(30_000);
  const { template, owner, parameters, createdAt, lastActivityAt } = workspace;
  const newer = template.latestVersion !== undefined && template.latestVersion > template.version;
  return (
    <section className={`berth-card ${classes['card']}`} aria-labelledby="details">
      <Title order={2} size="h4" id="details">
        Details
      </Title>
      <dl className={classes['list']}>
        <dt>Template</dt>
        <dd>
          {template.displayName}, version {template.version}
          {newer && (
            <Text size="sm" c="dimmed">
              Version {template.latestVersion} is newer.
            </Text>
          )}
        </dd>
        <dt>Owner</dt>
        <dd>{owner.name}</dd>
        <dt>Created</dt>
        <dd>{dateTime(new Date(createdAt))}</dd>
        {lastActivityAt !== undefined && (
          <>
            <dt>Last activity</dt>
            <dd>{ago(new Date(lastActivityAt), now)}</dd>
          </>
        )}
        {Object.entries(parameters).map(([name, value]) => (
          <div key={name} className={classes['pair']}>
            <dt>{labelOf(name, definitions)}</dt>
            <dd>{shown(value)}</dd>
          </div>
        ))}
      </dl>
      {change && (
        <Button variant="default" leftSection={<IconAdjustments size={18} aria-hidden />} onClick={change}>
          {newer ? 'Parameters and update…' : 'Parameters…'}
        </Button>
      )}
    </section>
  );
}
