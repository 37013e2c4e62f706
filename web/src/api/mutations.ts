import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import type { RouteInput } from '../../../contracts/routes/routes.ts';
import type { Workspace } from '../../../contracts/workspaces/workspace.ts';
import { notifyError } from '../lib/notify.ts';
import { api, newIdempotencyKey } from './client.ts';
import { gitKeyKey, peopleKey, sharesKey, templateKey, templatesKey, tokensKey, workspacesKey } from './keys.ts';
import { cacheWorkspace } from './queries.ts';

export type StartOptions = RouteInput<'startWorkspace'>['body'];
export type NewAutostart = RouteInput<'setAutostart'>['body'];
type NewWorkspace = RouteInput<'createWorkspace'>['body'];
export type NewShare = RouteInput<'createShare'>['body'];

/** Caches the workspace that a mutation returned, and refetches the lists. */
const useCacheWorkspace = () => {
  const client = useQueryClient();
  return (workspace: Workspace): void => {
    cacheWorkspace(client, workspace);
    void client.invalidateQueries({ queryKey: workspacesKey });
  };
};

/**
 * Mutations of one workspace. The response only confirms the request; polling shows the result. With `quiet` the caller
 * shows errors itself.
 */
export const useWorkspaceMutations = (workspace: string, { quiet = false } = {}) => {
  const cache = useCacheWorkspace();
  const params = { workspace };
  const onError = (error: unknown) => (quiet ? undefined : notifyError(error));
  return {
    start: useMutation({
      mutationFn: (body: StartOptions = {}) =>
        api.startWorkspace({ params, body }, { idempotencyKey: newIdempotencyKey() }),
      onSuccess: cache,
      onError,
    }),
    stop: useMutation({
      mutationFn: () => api.stopWorkspace({ params }, { idempotencyKey: newIdempotencyKey() }),
      onSuccess: cache,
      onError,
    }),
    startup: useMutation({
      mutationFn: () => api.runStartup({ params }, { idempotencyKey: newIdempotencyKey() }),
      onSuccess: cache,
      onError,
    }),
    extend: useMutation({
      mutationFn: (minutes: number) =>
        api.extendWorkspace({ params, body: { minutes } }, { idempotencyKey: newIdempotencyKey() }),
      onSuccess: cache,
      onError,
    }),
    autostart: useMutation({
      mutationFn: (wanted: NewAutostart | undefined) =>
        wanted === undefined ? api.removeAutostart({ params }) : api.setAutostart({ params, body: wanted }),
      onSuccess: cache,
      onError,
    }),
    remove: useMutation({ mutationFn: () => api.deleteWorkspace({ params }), onSuccess: cache, onError }),
  };
};
export type WorkspaceMutations = ReturnType<typeof useWorkspaceMutations>;

/**
 * Creates a workspace and opens its page. The form provides the idempotency key, so that a double click, or a retry
 * after a lost response, creates only one.
 */
export const useCreateWorkspace = () => {
  const cache = useCacheWorkspace();
  const navigate = useNavigate();
  return useMutation({
    mutationFn: ({ body, idempotencyKey }: { body: NewWorkspace; idempotencyKey: string }) =>
      api.createWorkspace({ body }, { idempotencyKey }),
    onSuccess: (workspace) => {
      cache(workspace);
      return navigate({ to: '/workspaces/$workspace', params: { workspace: workspace.id } });
    },
  });
};

/** A mutation that invalidates all queries under the given keys. */
const useInvalidatingMutation = <Input, Output>(
  mutationFn: (input: Input) => Promise<Output>,
  keys: readonly (readonly unknown[])[],
  onError?: (error: unknown) => void,
) => {
  const client = useQueryClient();
  return useMutation({
    mutationFn,
    onSuccess: () => Promise.all(keys.map((queryKey) => client.invalidateQueries({ queryKey }))),
    ...(onError === undefined ? {} : { onError }),
  });
};

export const useTokenMutations = () => ({
  create: useInvalidatingMutation((body: RouteInput<'createToken'>['body']) => api.createToken({ body }), [tokensKey]),
  revoke: useInvalidatingMutation((token: string) => api.revokeToken({ params: { token } }), [tokensKey], notifyError),
});

export const useShareMutations = (workspace: string) => {
  const keys = [sharesKey(workspace)];
  return {
    create: useInvalidatingMutation((body: NewShare) => api.createShare({ params: { workspace }, body }), keys),
    revoke: useInvalidatingMutation(
      (share: string) => api.revokeShare({ params: { workspace, share } }),
      keys,
      notifyError,
    ),
  };
};

export const useTemplateMutations = (template: string) => {
  const keys = [templatesKey, templateKey(template)];
  const params = { template };
  return {
    promote: useInvalidatingMutation(
      (version: number) => api.promoteTemplate({ params, body: { version } }),
      keys,
      notifyError,
    ),
    deprecate: useInvalidatingMutation(
      (body: RouteInput<'deprecateTemplate'>['body']) => api.deprecateTemplate({ params, body }),
      keys,
      notifyError,
    ),
    publish: useInvalidatingMutation(
      (body: RouteInput<'publishTemplate'>['body']) => api.publishTemplate({ params, body }),
      keys,
    ),
  };
};

export const usePersonMutations = () => ({
  activate: useInvalidatingMutation(
    (person: string) => api.activatePerson({ params: { person } }),
    [peopleKey],
    notifyError,
  ),
  deactivate: useInvalidatingMutation(
    (person: string) => api.deactivatePerson({ params: { person } }),
    [peopleKey],
    notifyError,
  ),
});

export const useCreateGitKey = () =>
  useInvalidatingMutation((rotate: boolean) => api.makeGitKey({ body: { rotate } }), [gitKeyKey], notifyError);
