import { Button, EmptyState, SimpleGrid, Stack } from '@mantine/core';
import { IconSailboat } from '@tabler/icons-react';
import { useInfiniteQuery } from '@tanstack/react-query';
import { templatesQuery } from '../api/queries.ts';
import { Load } from './Load.tsx';
import { TemplateCard } from './TemplateCard.tsx';

/** The templates a person may use. */
export function Templates() {
  const query = useInfiniteQuery(templatesQuery);
  return (
    <Load query={query} what="templates">
      {(templates) =>
        templates.length === 0 ? (
          <EmptyState
            icon={<IconSailboat size={44} aria-hidden />}
            title="There is no template for you yet"
            description="Templates are given to groups. Ask your administrator for one."
          />
        ) : (
          <Stack>
            <SimpleGrid cols={{ base: 1, sm: 2, lg: 3 }} component="ul" p={0} m={0}>
              {templates.map((template) => (
                <TemplateCard key={template.name} template={template} />
              ))}
            </SimpleGrid>
            {query.hasNextPage && (
              <Button variant="default" loading={query.isFetchingNextPage} onClick={() => query.fetchNextPage()}>
                Show more
              </Button>
            )}
          </Stack>
        )
      }
    </Load>
  );
}
