/** Prefixes of query keys, by which mutations invalidate queries. */
export const workspacesKey = ['workspaces'] as const;
export const sharedKey = ['shared'] as const;
export const templatesKey = ['templates'] as const;
export const tokensKey = ['tokens'] as const;
export const peopleKey = ['people'] as const;
export const gitKeyKey = ['git-key'] as const;
export const workspaceKey = (workspace: string) => ['workspace', workspace] as const;
export const sharesKey = (workspaceId: string) => ['shares', workspaceId] as const;
export const templateKey = (template: string) => ['template', template] as const;
