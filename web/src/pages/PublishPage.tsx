import { Stack } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { meQuery } from '../api/queries.ts';
import { templateSourceQuery } from '../api/templateQueries.ts';
import { Load } from '../components/Load.tsx';
import { LoadingState } from '../components/LoadingState.tsx';
import { PageHeading } from '../components/PageHeading.tsx';
import { type Source, TemplateDraft } from '../components/TemplateDraft.tsx';
import { maintainsTemplates } from '../lib/roles.ts';
import { starterTemplate } from '../lib/starterTemplate.ts';
import { usePageTitle } from '../lib/usePageTitle.ts';
import { NotFoundPage } from './NotFoundPage.tsx';

const route = getRouteApi('/shell/publish');

/** The text of a template, or what a new one begins with. */
const useSource = (template: string | undefined) => {
  const query = useQuery({ ...templateSourceQuery(template ?? ''), enabled: template !== undefined });
  return template === undefined ? { ...query, data: { file: starterTemplate } as Source } : query;
};

/** Publishes a template, or another version of one, for those who maintain them. */
export function PublishPage() {
  const { template } = route.useSearch();
  const { data: me } = useQuery(meQuery);
  const source = useSource(template);
  const title = template === undefined ? 'Publish a template' : `New version of ${template}`;
  usePageTitle(title);
  if (me === undefined) return <LoadingState what="your account" />;
  if (!maintainsTemplates(me)) {
    return <NotFoundPage description="Templates are published by admins and template admins." />;
  }
  return (
    <Stack gap="lg">
      <PageHeading
        title={title}
        about="What you publish is checked first, and becomes a version that never changes. “berth template push” does the same from a folder."
      />
      <Load query={source} what="the template">
        {(opened) => <TemplateDraft key={template ?? ''} opened={opened} />}
      </Load>
    </Stack>
  );
}
