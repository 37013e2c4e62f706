import { Table, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { parameterLabel } from '../../../contracts/templates/check-parameters.ts';
import type { Parameter } from '../../../contracts/templates/parameters.ts';
import type { TemplateVersion } from '../../../contracts/templates/template.ts';
import { templatePreviewQuery } from '../api/templateQueries.ts';
import { AppIcon } from '../ui/elements/AppIcon.tsx';
import { Card } from '../ui/layout/Card.tsx';
import { Preview } from './Preview.tsx';
import { fixedNote } from './parameterForm.ts';
import { StopPolicyLine } from './StopPolicyLine.tsx';
import classes from './TemplateFacts.module.css';

const defaultText = (parameter: Parameter): string => {
  const { default: usual } = parameter;
  if (usual === undefined) return 'Required';
  if (typeof usual === 'boolean') return usual ? 'on' : 'off';
  return (Array.isArray(usual) ? usual.join(', ') : String(usual)) || '—';
};

const notes = (parameter: Parameter): string | undefined =>
  parameter.ephemeral ? 'Requested at each start.' : fixedNote(parameter);

function Parameters({ parameters }: { parameters: readonly Parameter[] }) {
  return (
    <Card title="Parameters">
      {parameters.length === 0 ? (
        <Text c="dimmed">This template has no parameters.</Text>
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
                <Table.Td>{defaultText(parameter)}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      )}
    </Card>
  );
}

/** The resources, apps, price and parameters of a version. */
export function TemplateFacts({ version }: { version: TemplateVersion }) {
  const preview = useQuery(templatePreviewQuery(version.template, version.version));
  return (
    <>
      <Card title="Resources">
        <Preview query={preview} definitions={version.parameters} />
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
