import { createRootRoute, createRoute, createRouter, lazyRouteComponent, redirect } from '@tanstack/react-router';
import type { Owner } from './api/queries.ts';
import { homePath } from './auth/returnPath.ts';
import { Layout } from './components/Layout.tsx';
import { LoadingState } from './components/LoadingState.tsx';
import { CrashPage } from './pages/CrashPage.tsx';
import { NotFoundPage } from './pages/NotFoundPage.tsx';

const text = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);
const given = <T extends object>(values: T): { [K in keyof T]?: Exclude<T[K], undefined> } =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as never;

function NotFound() {
  return (
    <Layout>
      <NotFoundPage />
    </Layout>
  );
}

const root = createRootRoute();
const shell = createRoute({ getParentRoute: () => root, id: 'shell', component: () => <Layout /> });

const home = createRoute({
  getParentRoute: () => root,
  path: '/',
  beforeLoad: () => {
    throw redirect({ to: homePath });
  },
});

const workspaces = createRoute({
  getParentRoute: () => shell,
  path: '/workspaces',
  validateSearch: (search): { q?: string; owner?: Owner } =>
    given({ q: text(search['q']), owner: search['owner'] === 'everyone' ? ('everyone' as const) : undefined }),
  component: lazyRouteComponent(() => import('./pages/WorkspacesPage.tsx'), 'WorkspacesPage'),
});

const workspace = createRoute({
  getParentRoute: () => shell,
  path: '/workspaces/$workspace',
  validateSearch: (search): { start?: '1'; build?: string } =>
    given({ start: search['start'] === '1' ? ('1' as const) : undefined, build: text(search['build']) }),
  component: lazyRouteComponent(() => import('./pages/WorkspacePage.tsx'), 'WorkspacePage'),
});

const terminal = createRoute({
  getParentRoute: () => root,
  path: '/workspaces/$workspace/terminal',
  validateSearch: (search): { name?: string } => given({ name: text(search['name'])?.slice(0, 60) }),
  component: lazyRouteComponent(() => import('./pages/TerminalPage.tsx'), 'TerminalPage'),
});

const templates = createRoute({
  getParentRoute: () => shell,
  path: '/new',
  component: lazyRouteComponent(() => import('./pages/TemplatesPage.tsx'), 'TemplatesPage'),
});

const create = createRoute({
  getParentRoute: () => shell,
  path: '/new/$template',
  component: lazyRouteComponent(() => import('./pages/CreatePage.tsx'), 'CreatePage'),
});

const open = createRoute({
  getParentRoute: () => shell,
  path: '/open',
  validateSearch: (search): { app?: string; path?: string } =>
    given({ app: text(search['app']), path: text(search['path']) }),
  component: lazyRouteComponent(() => import('./pages/OpenPage.tsx'), 'OpenPage'),
});

const tokens = createRoute({
  getParentRoute: () => shell,
  path: '/tokens',
  component: lazyRouteComponent(() => import('./pages/TokensPage.tsx'), 'TokensPage'),
});

const routeTree = root.addChildren([
  home,
  terminal,
  shell.addChildren([workspaces, workspace, templates, create, open, tokens]),
]);

/** Search parameters are plain text: `?q=12` is no number, and nothing of an address is read as JSON. */
const parseSearch = (search: string): Record<string, string> => Object.fromEntries(new URLSearchParams(search));
const stringifySearch = (search: Record<string, unknown>): string => {
  const pairs = Object.entries(search).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]]));
  return pairs.length === 0 ? '' : `?${new URLSearchParams(pairs)}`;
};

export const makeRouter = () =>
  createRouter({
    routeTree,
    defaultPreload: 'intent',
    scrollRestoration: true,
    parseSearch,
    stringifySearch,
    defaultPendingComponent: () => <LoadingState what="the page" />,
    defaultNotFoundComponent: NotFound,
    defaultErrorComponent: CrashPage,
  });

declare module '@tanstack/react-router' {
  interface Register {
    router: ReturnType<typeof makeRouter>;
  }
}
