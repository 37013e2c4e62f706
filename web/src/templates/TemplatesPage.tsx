import { Button, Stack } from '@mantine/core';
import { IconUpload } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { meQuery } from '../api/queries.ts';
import { isTemplateMaintainer } from '../lib/roles.ts';
import { usePageTitle } from '../lib/usePageTitle.ts';
import { SearchField } from '../ui/elements/SearchField.tsx';
import { PageHeading } from '../ui/layout/PageHeading.tsx';
import { TemplateGrid } from './TemplateGrid.tsx';

const route = getRouteApi('/shell/templates');

export function TemplatesPage() {
  usePageTitle('Templates');
  const { q = '' } = route.useSearch();
  const navigate = route.useNavigate();
  const { data: me } = useQuery(meQuery);
  return (
    <Stack gap="lg">
      <PageHeading title="Templates" about="Choose a template to create a workspace.">
        {isTemplateMaintainer(me) && (
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
          placeholder="Name or description"
          value={q}
          onChange={(next) => navigate({ search: next === '' ? {} : { q: next }, replace: true })}
        />
      </search>
      <TemplateGrid q={q} order={2} />
    </Stack>
  );
}
