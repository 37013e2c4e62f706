import { Button, Stack } from '@mantine/core';
import { IconUpload } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { meQuery } from '../api/queries.ts';
import { PageHeading } from '../components/PageHeading.tsx';
import { SearchField } from '../components/SearchField.tsx';
import { Templates } from '../components/Templates.tsx';
import { maintainsTemplates } from '../lib/roles.ts';
import { usePageTitle } from '../lib/usePageTitle.ts';

const route = getRouteApi('/shell/templates');

export function TemplatesPage() {
  usePageTitle('Templates');
  const { q = '' } = route.useSearch();
  const navigate = route.useNavigate();
  const { data: me } = useQuery(meQuery);
  return (
    <Stack gap="lg">
      <PageHeading title="Templates" about="Choose one to make a workspace from.">
        {maintainsTemplates(me) && (
          <Button
            variant="default"
            leftSection={<IconUpload size={18} aria-hidden />}
            renderRoot={(props) => <Link to="/publish" {...props} />}
          >
            Publish a template
          </Button>
        )}
      </PageHeading>
      <search aria-label="Templates">
        <SearchField
          label="Search templates"
          placeholder="Name or what it is for"
          value={q}
          onChange={(next) => navigate({ search: next === '' ? {} : { q: next }, replace: true })}
        />
      </search>
      <Templates q={q} order={2} />
    </Stack>
  );
}
