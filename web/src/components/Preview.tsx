import { Text } from '@mantine/core';
import type { UseQueryResult } from '@tanstack/react-query';
import type { TemplatePreview } from '../../../contracts/template-checks.ts';
import { sentenceOf } from '../lib/problem.ts';
import { LoadingState } from './LoadingState.tsx';
import { PreviewList } from './PreviewList.tsx';

/** What a workspace would be made of; a template that has to ask something first cannot say it before. */
export function Preview({ query }: { query: UseQueryResult<TemplatePreview> }) {
  if (query.data !== undefined) return <PreviewList preview={query.data} />;
  if (!query.isError) return <LoadingState what="what it makes" />;
  return (
    <Text size="sm" c="dimmed">
      It depends on what is asked at the creation. {sentenceOf(query.error)}
    </Text>
  );
}
