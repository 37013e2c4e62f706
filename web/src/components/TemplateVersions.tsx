import { Badge, Button, Group, Text } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import type { Template, TemplateVersion } from '../../../contracts/routes.ts';
import { useTemplateActs } from '../api/mutations.ts';
import { templateVersionsQuery } from '../api/templateQueries.ts';
import { dateTime } from '../lib/format.ts';
import { Card } from './Card.tsx';
import { Load } from './Load.tsx';
import classes from './Rows.module.css';
import { ShowMore } from './ShowMore.tsx';

interface RowProps {
  template: Template;
  version: TemplateVersion;
  maintains: boolean;
}

function Row({ template, version, maintains }: RowProps) {
  const { promote } = useTemplateActs(template.name);
  const active = version.version === template.activeVersion;
  return (
    <li className={classes['row']}>
      <div>
        <Group gap="xs">
          <Text fw={600}>Version {version.version}</Text>
          {active && <Badge color="sea.8">Active</Badge>}
        </Group>
        <Text size="xs" c="dimmed">
          {[version.createdBy, dateTime(new Date(version.createdAt))].filter((part) => part !== undefined).join(' · ')}
        </Text>
      </div>
      {maintains && !active && (
        <Button
          variant="default"
          size="xs"
          loading={promote.isPending}
          onClick={() => promote.mutate(version.version)}
          aria-label={`Make version ${version.version} the active one`}
        >
          {version.version > template.activeVersion ? 'Promote' : 'Roll back'}
        </Button>
      )}
    </li>
  );
}

/** Every version, newest first; the active one is what new workspaces get. */
export function TemplateVersions({ template, maintains }: Omit<RowProps, 'version'>) {
  const query = useInfiniteQuery(templateVersionsQuery(template.name));
  return (
    <Card title="Versions">
      <Text size="sm" c="dimmed">
        New workspaces get the active one, and existing ones are offered it.
      </Text>
      <Load query={query} what="versions">
        {(versions) => (
          <ol className={classes['list']} aria-live="polite">
            {versions.map((version) => (
              <Row key={version.version} template={template} version={version} maintains={maintains} />
            ))}
          </ol>
        )}
      </Load>
      <ShowMore query={query} variant="subtle" />
    </Card>
  );
}
