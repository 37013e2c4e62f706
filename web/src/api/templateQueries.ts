import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import type { RouteResponse } from '../../../contracts/routes/routes.ts';
import type { Parameters } from '../../../contracts/templates/parameters.ts';
import { api } from './client.ts';
import { templateKey, templatesKey } from './keys.ts';
import { firstPage, itemsOf, nextPage, pageSize } from './pages.ts';
import { minute } from './polling.ts';

export const templatesQuery = infiniteQueryOptions({
  queryKey: templatesKey,
  queryFn: ({ pageParam, signal }) => api.listTemplates({ query: { limit: pageSize, cursor: pageParam } }, { signal }),
  initialPageParam: firstPage,
  getNextPageParam: nextPage,
  select: itemsOf,
  staleTime: minute,
});

export type TemplateWithActive = RouteResponse<'getTemplate'>;
export const templateQuery = (template: string) =>
  queryOptions({
    queryKey: templateKey(template),
    queryFn: ({ signal }) => api.getTemplate({ params: { template } }, { signal }),
    staleTime: minute,
  });

/** A version never changes. */
export const templateVersionQuery = (template: string, version: number) =>
  queryOptions({
    queryKey: ['template-version', template, version],
    queryFn: ({ signal }) => api.getTemplateVersion({ params: { template, version } }, { signal }),
    staleTime: Infinity,
  });

export const templateVersionsQuery = (template: string) =>
  infiniteQueryOptions({
    queryKey: [...templateKey(template), 'versions'],
    queryFn: ({ pageParam, signal }) =>
      api.listTemplateVersions({ params: { template }, query: { limit: 10, cursor: pageParam } }, { signal }),
    initialPageParam: firstPage,
    getNextPageParam: nextPage,
    select: itemsOf,
  });

export const templatePreviewQuery = (template: string, version: number) =>
  queryOptions({
    queryKey: ['template-preview', template, version],
    queryFn: ({ signal }) => api.previewTemplate({ params: { template }, body: { version } }, { signal }),
    staleTime: Infinity,
  });

/** The preview of a workspace with the parameters of a form. */
export const templatePriceQuery = (template: string, version: number, parameters: Parameters) =>
  queryOptions({
    queryKey: ['template-preview', template, version, parameters],
    queryFn: ({ signal }) => api.previewTemplate({ params: { template }, body: { version, parameters } }, { signal }),
    staleTime: Infinity,
    retry: false,
  });

/** The source of the newest version, for people who may publish. */
export const templateSourceQuery = (template: string) =>
  queryOptions({
    queryKey: [...templateKey(template), 'source'],
    queryFn: ({ signal }) => api.getTemplateSource({ params: { template } }, { signal }),
    staleTime: Infinity,
    gcTime: 0,
  });

/** The check needs only to know whether there is a README, not its text. */
export const lintQuery = (template: string, file: string, withReadme: boolean) =>
  queryOptions({
    queryKey: ['lint', template, file, withReadme],
    queryFn: ({ signal }) =>
      api.lintTemplate({ params: { template }, body: { file, ...(withReadme ? { readme: '-' } : {}) } }, { signal }),
    staleTime: Infinity,
    gcTime: 0,
  });

export const previewFileQuery = (template: string, file: string) =>
  queryOptions({
    queryKey: ['preview-file', template, file],
    queryFn: ({ signal }) => api.previewTemplate({ params: { template }, body: { file } }, { signal }),
    staleTime: Infinity,
    gcTime: 0,
  });
