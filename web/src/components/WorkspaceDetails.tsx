import { Anchor, Text } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { parameterLabel } from '../../../contracts/parameters.ts';
import type { Parameter, ParameterValue } from '../../../contracts/template.ts';
import type { Workspace } from '../../../contracts/workspace.ts';
import { ago, dateTime } from '../lib/format.ts';
import { useNow } from '../lib/useNow.ts';
import { Card } from './Card.tsx';
import classes from './WorkspaceDetails.module.css';

const shown = (value: ParameterValue): string => {
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
  /** Of its template version, for their labels; until they are known the names will do. */
  definitions: readonly Parameter[];
  manage: boolean;
}

function Update({ workspace: { id, template }, manage }: Pick<Props, 'workspace' | 'manage'>) {
  if (template.activeVersion === undefined || template.activeVersion === template.version) return null;
  const words = `Version ${template.activeVersion} is offered.`;
  if (!manage) return <Text size="sm">{words}</Text>;
  return (
    <Anchor
      size="sm"
      display="block"
      renderRoot={(props) => (
        <Link
          to="/workspaces/$workspace/settings"
          params={{ workspace: id }}
          search={{ version: String(template.activeVersion) }}
          {...props}
        />
      )}
    >
      {words} Update…
    </Anchor>
  );
}

/** What it is made of. */
export function WorkspaceDetails({ workspace, definitions, manage }: Props) {
  const now = useNow(30_000);
  const { template, owner, parameters, home, createdAt, lastActivityAt } = workspace;
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
          <Update workspace={workspace} manage={manage} />
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
        {home !== undefined && (
          <>
            <dt>Home</dt>
            <dd>{home}</dd>
          </>
        )}
        {Object.entries(parameters).map(([name, value]) => (
          <div key={name} className={classes['pair']}>
            <dt>{labelOf(name, definitions)}</dt>
            <dd>{shown(value)}</dd>
          </div>
        ))}
      </dl>
    </Card>
  );
}
