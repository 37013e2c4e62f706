import { Alert, Badge, Button, Group, Stack, Text, Title, VisuallyHidden } from '@mantine/core';
import { IconEdit, IconPlayerPlay } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { lazy, Suspense } from 'react';
import { meQuery } from '../api/queries.ts';
import { type TemplateWithActive, templateQuery } from '../api/templateQueries.ts';
import { AppIcon } from '../components/AppIcon.tsx';
import cardClasses from '../components/Card.module.css';
import { Columns } from '../components/Columns.tsx';
import { DeprecateButton } from '../components/DeprecateButton.tsx';
import { Load } from '../components/Load.tsx';
import { LoadingState } from '../components/LoadingState.tsx';
import { TemplateFacts } from '../components/TemplateFacts.tsx';
import { TemplateVersions } from '../components/TemplateVersions.tsx';
import { date } from '../lib/format.ts';
import { isNotFound } from '../lib/problem.ts';
import { maintainsTemplates } from '../lib/roles.ts';
import { usePageTitle } from '../lib/usePageTitle.ts';
import { NoSuchTemplate } from './NotFoundPage.tsx';
import classes from './WorkspacePage.module.css';

const Markdown = lazy(() => import('../components/Markdown.tsx').then(({ Markdown }) => ({ default: Markdown })));

const route = getRouteApi('/shell/templates/$template');

function Heading({ template, maintains }: { template: TemplateWithActive; maintains: boolean }) {
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
        {maintains && (
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
        About it
      </VisuallyHidden>
      {text === undefined || text.trim() === '' ? (
        <Text c="dimmed">It has no README. Who publishes it can put one beside its template.yaml.</Text>
      ) : (
        <Suspense fallback={<LoadingState what="the text" />}>
          <Markdown text={text} />
        </Suspense>
      )}
    </section>
  );
}

/** A template with all that is known of its active version. */
export function TemplatePage() {
  const { template: name } = route.useParams();
  const query = useQuery(templateQuery(name));
  const { data: me } = useQuery(meQuery);
  const maintains = maintainsTemplates(me);
  usePageTitle(query.data?.displayName ?? 'Template');
  if (isNotFound(query.error)) return <NoSuchTemplate />;
  return (
    <Load query={query} what="the template" whole>
      {(template) => (
        <Stack gap="lg">
          <Heading template={template} maintains={maintains} />
          {template.deprecated !== undefined && (
            <Alert color="yellow" title={`Deprecated since ${date(new Date(template.deprecated.since))}`}>
              It takes no new workspaces; existing ones run on. {template.deprecated.message}
            </Alert>
          )}
          <Columns>
            <Stack gap="lg">
              <Readme text={template.active.readme} />
              <TemplateFacts version={template.active} />
            </Stack>
            <TemplateVersions template={template} maintains={maintains} />
          </Columns>
        </Stack>
      )}
    </Load>
  );
}
