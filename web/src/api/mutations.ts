import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import type { RouteInput } from '../../../contracts/routes.ts';
import type { Workspace } from '../../../contracts/workspace.ts';
import { notifyError } from '../lib/notify.ts';
import { api, newIdempotencyKey } from './client.ts';
import { gitKeyKey, peopleKey, sharesKey, templateKey, templatesKey, tokensKey, workspacesKey } from './keys.ts';
import { keepWorkspace } from './queries.ts';

export type StartOptions = RouteInput<'startWorkspace'>['body'];
export type NewAutostart = RouteInput<'setAutostart'>['body'];
type NewWorkspace = RouteInput<'createWorkspace'>['body'];
export type NewShare = RouteInput<'createShare'>['body'];

/** Takes what an act answered with, and has the lists asked for again. */
const useKeep = () => {
  const client = useQueryClient();
  return (workspace: Workspace): void => {
    keepWorkspace(client, workspace);
    void client.invalidateQueries({ queryKey: workspacesKey });
  };
};

/**
 * The acts on one workspace. Each is only *requested* by its answer; what comes of it, polling shows.
 * With `quiet` the caller shows what went wrong.
 */
export const useWorkspaceActs = (workspace: string, { quiet = false } = {}) => {
  const keep = useKeep();
  const params = { workspace };
  const onError = (error: unknown) => (quiet ? undefined : notifyError(error));
  return {
    start: useMutation({
      mutationFn: (body: StartOptions = {}) =>
        api.startWorkspace({ params, body }, { idempotencyKey: newIdempotencyKey() }),
      onSuccess: keep,
      onError,
    }),
    stop: useMutation({
      mutationFn: () => api.stopWorkspace({ params }, { idempotencyKey: newIdempotencyKey() }),
      onSuccess: keep,
      onError,
    }),
    extend: useMutation({
      mutationFn: (minutes: number) =>
        api.extendWorkspace({ params, body: { minutes } }, { idempotencyKey: newIdempotencyKey() }),
      onSuccess: keep,
      onError,
    }),
    autostart: useMutation({
      mutationFn: (wanted: NewAutostart | undefined) =>
        wanted === undefined ? api.removeAutostart({ params }) : api.setAutostart({ params, body: wanted }),
      onSuccess: keep,
      onError,
    }),
    remove: useMutation({ mutationFn: () => api.deleteWorkspace({ params }), onSuccess: keep, onError }),
  };
};
export type WorkspaceActs = ReturnType<typeof useWorkspaceActs>;

/**
 * Makes a workspace and goes to its page. The key is the form's, so that a double click, or a click after a lost
 * answer, makes one.
 */
export const useCreateWorkspace = () => {
  const keep = useKeep();
  const navigate = useNavigate();
  return useMutation({
    mutationFn: ({ body, idempotencyKey }: { body: NewWorkspace; idempotencyKey: string }) =>
      api.createWorkspace({ body }, { idempotencyKey }),
    onSuccess: (workspace) => {
      keep(workspace);
      return navigate({ to: '/workspaces/$workspace', params: { workspace: workspace.id } });
    },
  });
};

/** A mutation after which what begins with one of the keys is asked for again. */
const useAct = <Given, Answer>(
  act: (given: Given) => Promise<Answer>,
  keys: readonly (readonly unknown[])[],
  onError?: (error: unknown) => void,
) => {
  const client = useQueryClient();
  return useMutation({
    mutationFn: act,
    onSuccess: () => Promise.all(keys.map((queryKey) => client.invalidateQueries({ queryKey }))),
    ...(onError === undefined ? {} : { onError }),
  });
};

export const useTokenActs = () => ({
  create: useAct((body: RouteInput<'createToken'>['body']) => api.createToken({ body }), [tokensKey]),
  revoke: useAct((token: string) => api.revokeToken({ params: { token } }), [tokensKey], notifyError),
});

export const useShareActs = (workspace: string) => {
  const keys = [sharesKey(workspace)];
  return {
    create: useAct((body: NewShare) => api.createShare({ params: { workspace }, body }), keys),
    revoke: useAct((share: string) => api.revokeShare({ params: { workspace, share } }), keys, notifyError),
  };
};

export const useTemplateActs = (template: string) => {
  const keys = [templatesKey, templateKey(template)];
  const params = { template };
  return {
    promote: useAct((version: number) => api.promoteTemplate({ params, body: { version } }), keys, notifyError),
    deprecate: useAct(
      (body: RouteInput<'deprecateTemplate'>['body']) => api.deprecateTemplate({ params, body }),
      keys,
      notifyError,
    ),
    publish: useAct((body: RouteInput<'publishTemplate'>['body']) => api.publishTemplate({ params, body }), keys),
  };
};

export const usePersonActs = () => ({
  activate: useAct((person: string) => api.activatePerson({ params: { person } }), [peopleKey], notifyError),
  deactivate: useAct((person: string) => api.deactivatePerson({ params: { person } }), [peopleKey], notifyError),
});

export const useMakeGitKey = () =>
  useAct((rotate: boolean) => api.makeGitKey({ body: { rotate } }), [gitKeyKey], notifyError);
