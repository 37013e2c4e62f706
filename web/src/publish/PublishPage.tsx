import { Stack } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { meQuery } from '../api/queries.ts';
import { templateSourceQuery } from '../api/templateQueries.ts';
import { isTemplateMaintainer } from '../lib/roles.ts';
import { usePageTitle } from '../lib/usePageTitle.ts';
import { Load, LoadingState } from '../ui/feedback/Load.tsx';
import { NotFoundPage } from '../ui/feedback/NotFoundPage.tsx';
import { PageHeading } from '../ui/layout/PageHeading.tsx';
import { starterTemplate } from './starterTemplate.ts';
import { type Source, TemplateDraft } from './TemplateDraft.tsx';

const route = getRouteApi('/shell/publish');

/** The source of the template, or a starter for a new one. */
const useSource = (template: string | undefined) => {
  const query = useQuery({ ...templateSourceQuery(template ?? ''), enabled: template !== undefined });
  return template === undefined ? { ...query, data: { file: starterTemplate } as Source } : query;
};

/** Publishes a template or a new version of one. */
export function PublishPage() {
  const { template } = route.useSearch();
  const { data: me } = useQuery(meQuery);
  const source = useSource(template);
  const title = template === undefined ? 'Publish a template' : `New version of ${template}`;
  usePageTitle(title);
  if (me === undefined) return <LoadingState what="your account" />;
  if (!isTemplateMaintainer(me)) {
    return (
      <NotFoundPage
        title="You cannot publish templates"
        description="Only admins and template admins can publish templates."
      />
    );
  }
  return (
    <Stack gap="lg">
      <PageHeading
        title={title}
        about="Berth checks the template and publishes it as a new version. To publish a folder, use “berth template push”."
      />
      <Load query={source} what="the template">
        {(opened) => <TemplateDraft key={template ?? ''} opened={opened} />}
      </Load>
    </Stack>
  );
}
