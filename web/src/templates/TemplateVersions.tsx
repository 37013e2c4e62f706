import { Badge, Button, Group, Text } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import type { Template, TemplateVersion } from '../../../contracts/templates/template.ts';
import { useTemplateMutations } from '../api/mutations.ts';
import { templateVersionsQuery } from '../api/templateQueries.ts';
import { formatDateTime } from '../lib/format.ts';
import { ShowMore } from '../ui/elements/ShowMore.tsx';
import { Load } from '../ui/feedback/Load.tsx';
import { Card } from '../ui/layout/Card.tsx';
import classes from '../ui/layout/Rows.module.css';

interface RowProps {
  template: Template;
  version: TemplateVersion;
  isMaintainer: boolean;
}

function Row({ template, version, isMaintainer }: RowProps) {
  const { promote } = useTemplateMutations(template.name);
  const label = version.version > template.activeVersion ? 'Promote' : 'Roll back';
  const active = version.version === template.activeVersion;
  return (
    <li className={classes['row']}>
      <div>
        <Group gap="xs">
          <Text fw={600}>Version {version.version}</Text>
          {active && <Badge color="sea.8">Active</Badge>}
        </Group>
        <Text size="xs" c="dimmed">
          {[version.createdBy, formatDateTime(new Date(version.createdAt))]
            .filter((part) => part !== undefined)
            .join(' · ')}
        </Text>
      </div>
      {isMaintainer && !active && (
        <Button
          variant="default"
          size="xs"
          loading={promote.isPending}
          onClick={() => promote.mutate(version.version)}
          aria-label={`${label} to version ${version.version}`}
        >
          {label}
        </Button>
      )}
    </li>
  );
}

/** All versions, newest first. */
export function TemplateVersions({ template, isMaintainer }: Omit<RowProps, 'version'>) {
  const query = useInfiniteQuery(templateVersionsQuery(template.name));
  return (
    <Card title="Versions">
      <Text size="sm" c="dimmed">
        New workspaces use the active version. Existing workspaces are offered the update.
      </Text>
      <Load query={query} what="versions">
        {(versions) => (
          <ol className={classes['list']} aria-live="polite">
            {versions.map((version) => (
              <Row key={version.version} template={template} version={version} isMaintainer={isMaintainer} />
            ))}
          </ol>
        )}
      </Load>
      <ShowMore query={query} variant="subtle" />
    </Card>
  );
}
