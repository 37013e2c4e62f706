import { Alert, Badge, Button, Group, Stack, Text, Title, VisuallyHidden } from '@mantine/core';
import { IconEdit, IconPlayerPlay } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { lazy, Suspense } from 'react';
import { meQuery } from '../api/queries.ts';
import { type TemplateWithActive, templateQuery } from '../api/templateQueries.ts';
import { isNotFound } from '../lib/errors.ts';
import { formatDate } from '../lib/format.ts';
import { isTemplateMaintainer } from '../lib/roles.ts';
import { usePageTitle } from '../lib/usePageTitle.ts';
import { AppIcon } from '../ui/elements/AppIcon.tsx';
import { Load, LoadingState } from '../ui/feedback/Load.tsx';
import { NoSuchTemplate } from '../ui/feedback/NotFoundPage.tsx';
import cardClasses from '../ui/layout/Card.module.css';
import { Columns } from '../ui/layout/Columns.tsx';
import classes from '../ui/layout/PageHeader.module.css';
import { DeprecateButton } from './DeprecateButton.tsx';
import { TemplateFacts } from './TemplateFacts.tsx';
import { TemplateVersions } from './TemplateVersions.tsx';

const Markdown = lazy(() => import('../ui/elements/Markdown.tsx').then(({ Markdown }) => ({ default: Markdown })));

const route = getRouteApi('/shell/templates/$template');

function Heading({ template, isMaintainer }: { template: TemplateWithActive; isMaintainer: boolean }) {
  const { name, displayName, description, icon, deprecated } = template;
  return (
    <header className={classes['header']}>
      <Group wrap="nowrap" align="flex-start">
        <AppIcon name={icon} size={38} />
        <div>
          <Group gap="sm">
            <Title order={1}>{displayName}</Title>
            {deprecated !== undefined && <Badge color="yellow.9">Deprecated</Badge>}
          </Group>
          <Text c="dimmed">{description}</Text>
        </div>
      </Group>
      <Group gap="sm">
        {deprecated === undefined && (
          <Button
            leftSection={<IconPlayerPlay size={18} aria-hidden />}
            renderRoot={(props) => <Link to="/new/$template" params={{ template: name }} {...props} />}
          >
            New workspace
          </Button>
        )}
        {isMaintainer && (
          <>
            <Button
              variant="default"
              leftSection={<IconEdit size={18} aria-hidden />}
              renderRoot={(props) => <Link to="/publish" search={{ template: name }} {...props} />}
            >
              New version
            </Button>
            <DeprecateButton template={template} />
          </>
        )}
      </Group>
    </header>
  );
}

function Readme({ text }: { text: string | undefined }) {
  return (
    <section className={`berth-card ${cardClasses['card']}`} aria-labelledby="about">
      <VisuallyHidden component="h2" id="about">
        About this template
      </VisuallyHidden>
      {text === undefined || text.trim() === '' ? (
        <Text c="dimmed">
          This template has no README. To add one, publish it with a README.md next to template.yaml.
        </Text>
      ) : (
        <Suspense fallback={<LoadingState what="the README" />}>
          <Markdown text={text} />
        </Suspense>
      )}
    </section>
  );
}

/** A template and its active version. */
export function TemplatePage() {
  const { template: name } = route.useParams();
  const query = useQuery(templateQuery(name));
  const { data: me } = useQuery(meQuery);
  const isMaintainer = isTemplateMaintainer(me);
  usePageTitle(query.data?.displayName ?? 'Template');
  if (isNotFound(query.error)) return <NoSuchTemplate />;
  return (
    <Load query={query} what="the template" whole>
      {(template) => (
        <Stack gap="lg">
          <Heading template={template} isMaintainer={isMaintainer} />
          {template.deprecated !== undefined && (
            <Alert color="yellow" title={`Deprecated since ${formatDate(new Date(template.deprecated.since))}`}>
              You cannot create workspaces from it. Existing workspaces keep running. {template.deprecated.message}
            </Alert>
          )}
          <Columns>
            <Stack gap="lg">
              <Readme text={template.active.readme} />
              <TemplateFacts version={template.active} />
            </Stack>
            <TemplateVersions template={template} isMaintainer={isMaintainer} />
          </Columns>
        </Stack>
      )}
    </Load>
  );
}
