import { EmptyState, SimpleGrid, Stack, Text } from '@mantine/core';
import { IconSailboat } from '@tabler/icons-react';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useAllPages } from '../api/pages.ts';
import { templatesQuery } from '../api/templateQueries.ts';
import { foundTemplates } from '../lib/templates.ts';
import { Load } from './Load.tsx';
import { ShowMore } from './ShowMore.tsx';
import { TemplateCard } from './TemplateCard.tsx';

/** The templates a person may use; with a search, those that it finds. */
export function Templates({ q = '', order }: { q?: string; order: 2 | 3 }) {
  const query = useInfiniteQuery(templatesQuery);
  const searching = useAllPages(query, q !== '');
  return (
    <Load query={query} what="templates">
      {(templates) => {
        const shown = foundTemplates(templates, q);
        if (templates.length === 0) {
          return (
            <EmptyState
              icon={<IconSailboat size={44} aria-hidden />}
              title="There is no template for you yet"
              description="Templates are given to groups. Ask your administrator for one."
            />
          );
        }
        return (
          <Stack>
            <Text role="status" size="sm" c="dimmed" hidden={q === ''}>
              {shown.length === 0 ? 'No template matches.' : `${shown.length} of ${templates.length} templates`}
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
