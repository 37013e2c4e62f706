import { Table, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { parameterLabel } from '../../../contracts/parameters.ts';
import type { TemplateVersion } from '../../../contracts/routes.ts';
import type { Parameter } from '../../../contracts/template.ts';
import { templatePreviewQuery } from '../api/templateQueries.ts';
import { AppIcon } from './AppIcon.tsx';
import { Card } from './Card.tsx';
import { Preview } from './Preview.tsx';
import { StopPolicyLine } from './StopPolicyLine.tsx';
import classes from './TemplateFacts.module.css';

const shownDefault = (parameter: Parameter): string => {
  const { default: usual } = parameter;
  if (usual === undefined) return 'asked';
  if (typeof usual === 'boolean') return usual ? 'on' : 'off';
  return (Array.isArray(usual) ? usual.join(', ') : String(usual)) || '—';
};

const notes = ({ mutable, ephemeral }: Parameter): string | undefined => {
  if (ephemeral) return 'Asked at each start';
  return mutable ? undefined : 'Fixed once made';
};

function Parameters({ parameters }: { parameters: readonly Parameter[] }) {
  return (
    <Card title="Parameters">
      {parameters.length === 0 ? (
        <Text c="dimmed">It asks nothing.</Text>
      ) : (
        <Table className={classes['table'] ?? ''}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Parameter</Table.Th>
              <Table.Th>Default</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {parameters.map((parameter) => (
              <Table.Tr key={parameter.name}>
                <Table.Td>
                  <Text fw={600}>{parameterLabel(parameter)}</Text>
                  <Text size="sm" c="dimmed">
                    {[parameter.description, notes(parameter)].filter((part) => part !== undefined).join(' ')}
                  </Text>
                </Table.Td>
                <Table.Td>{shownDefault(parameter)}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      )}
    </Card>
  );
}

/** What a version makes, asks and costs. */
export function TemplateFacts({ version }: { version: TemplateVersion }) {
  const preview = useQuery(templatePreviewQuery(version.template, version.version));
  return (
    <>
      <Card title="What it makes">
        <Preview query={preview} />
        {version.apps.length > 0 && (
          <ul className={classes['apps']} aria-label="Apps">
            {version.apps.map((app) => (
              <li key={app.name}>
                <AppIcon name={app.icon} size={18} /> {app.displayName ?? app.name}
              </li>
            ))}
          </ul>
        )}
        <StopPolicyLine stop={version.stop} />
      </Card>
      <Parameters parameters={version.parameters} />
    </>
  );
}
