import { EmptyState, SimpleGrid, Stack, Text } from '@mantine/core';
import { IconSailboat } from '@tabler/icons-react';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useAllPages } from '../api/pages.ts';
import { templatesQuery } from '../api/templateQueries.ts';
import { ShowMore } from '../ui/elements/ShowMore.tsx';
import { Load } from '../ui/feedback/Load.tsx';
import { searchTemplates } from './searchTemplates.ts';
import { TemplateCard } from './TemplateCard.tsx';

/** The templates that the person may use and that match the search. */
export function TemplateGrid({ q = '', order }: { q?: string; order: 2 | 3 }) {
  const query = useInfiniteQuery(templatesQuery);
  const searching = useAllPages(query, q !== '');
  return (
    <Load query={query} what="templates">
      {(templates) => {
        const shown = searchTemplates(templates, q);
        if (templates.length === 0) {
          return (
            <EmptyState
              icon={<IconSailboat size={44} aria-hidden />}
              title="No templates available"
              description="Templates are made available to groups. Ask your administrator for access."
            />
          );
        }
        return (
          <Stack>
            <Text role="status" size="sm" c="dimmed" hidden={q === ''}>
              {shown.length === 0 ? 'No templates match.' : `${shown.length} of ${templates.length} templates`}
            </Text>
            <SimpleGrid cols={{ base: 1, sm: 2, lg: 3 }} component="ul" p={0} m={0}>
              {shown.map((template) => (
                <TemplateCard key={template.name} template={template} order={order} />
              ))}
            </SimpleGrid>
            {!searching && <ShowMore query={query} />}
          </Stack>
        );
      }}
    </Load>
  );
}
