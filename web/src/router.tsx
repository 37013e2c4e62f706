import { createRootRoute, createRoute, createRouter, lazyRouteComponent, redirect } from '@tanstack/react-router';
import { homePath } from './auth/returnPath.ts';
import { Layout } from './components/Layout.tsx';
import { LoadingState } from './components/LoadingState.tsx';
import { type Filters, type Scope, scopes, sorts, statusFilters } from './lib/filters.ts';
import { given, oneOf, parseSearch, stringifySearch, text } from './lib/search.ts';
import { CrashPage } from './pages/CrashPage.tsx';
import { NotFoundPage } from './pages/NotFoundPage.tsx';

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
  validateSearch: (search): Filters & { owner?: Scope } =>
    given({
      q: text(search['q']),
      owner: oneOf(scopes, search['owner']),
      status: oneOf(statusFilters, search['status']),
      template: text(search['template']),
      by: text(search['by']),
      sort: oneOf(sorts, search['sort']),
    }),
  component: lazyRouteComponent(() => import('./pages/WorkspacesPage.tsx'), 'WorkspacesPage'),
});

const workspace = createRoute({
  getParentRoute: () => shell,
  path: '/workspaces/$workspace',
  validateSearch: (search): { start?: '1' } => given({ start: search['start'] === '1' ? ('1' as const) : undefined }),
  component: lazyRouteComponent(() => import('./pages/WorkspacePage.tsx'), 'WorkspacePage'),
});

const overview = createRoute({
  getParentRoute: () => workspace,
  path: '/',
  component: lazyRouteComponent(() => import('./pages/OverviewTab.tsx'), 'OverviewTab'),
});

const builds = createRoute({
  getParentRoute: () => workspace,
  path: '/builds',
  validateSearch: (search): { build?: string } => given({ build: text(search['build']) }),
  component: lazyRouteComponent(() => import('./pages/BuildsTab.tsx'), 'BuildsTab'),
});

const sharing = createRoute({
  getParentRoute: () => workspace,
  path: '/sharing',
  component: lazyRouteComponent(() => import('./pages/SharingTab.tsx'), 'SharingTab'),
});

const settings = createRoute({
  getParentRoute: () => workspace,
  path: '/settings',
  validateSearch: (search): { version?: string } => given({ version: text(search['version']) }),
  component: lazyRouteComponent(() => import('./pages/SettingsTab.tsx'), 'SettingsTab'),
});

const terminal = createRoute({
  getParentRoute: () => root,
  path: '/workspaces/$workspace/terminal',
  validateSearch: (search): { name?: string } => given({ name: text(search['name'])?.slice(0, 60) }),
  component: lazyRouteComponent(() => import('./pages/TerminalPage.tsx'), 'TerminalPage'),
});

const templates = createRoute({
  getParentRoute: () => shell,
  path: '/templates',
  validateSearch: (search): { q?: string } => given({ q: text(search['q']) }),
  component: lazyRouteComponent(() => import('./pages/TemplatesPage.tsx'), 'TemplatesPage'),
});

const template = createRoute({
  getParentRoute: () => shell,
  path: '/templates/$template',
  component: lazyRouteComponent(() => import('./pages/TemplatePage.tsx'), 'TemplatePage'),
});

const publish = createRoute({
  getParentRoute: () => shell,
  path: '/publish',
  validateSearch: (search): { template?: string } => given({ template: text(search['template']) }),
  component: lazyRouteComponent(() => import('./pages/PublishPage.tsx'), 'PublishPage'),
});

const chooseTemplate = createRoute({
  getParentRoute: () => root,
  path: '/new',
  beforeLoad: () => {
    throw redirect({ to: '/templates' });
  },
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

const people = createRoute({
  getParentRoute: () => shell,
  path: '/people',
  validateSearch: (search): { q?: string; show?: 'active' | 'inactive' } =>
    given({ q: text(search['q']), show: oneOf(['active', 'inactive'], search['show']) }),
  component: lazyRouteComponent(() => import('./pages/PeoplePage.tsx'), 'PeoplePage'),
});

const account = createRoute({
  getParentRoute: () => shell,
  path: '/account',
  component: lazyRouteComponent(() => import('./pages/AccountPage.tsx'), 'AccountPage'),
});

const you = createRoute({
  getParentRoute: () => account,
  path: '/',
  component: lazyRouteComponent(() => import('./pages/AccountPage.tsx'), 'YouTab'),
});

const tokens = createRoute({
  getParentRoute: () => account,
  path: '/tokens',
  component: lazyRouteComponent(() => import('./pages/TokensTab.tsx'), 'TokensTab'),
});

const gitKey = createRoute({
  getParentRoute: () => account,
  path: '/git-key',
  component: lazyRouteComponent(() => import('./pages/GitKeyTab.tsx'), 'GitKeyTab'),
});

const commandLine = createRoute({
  getParentRoute: () => account,
  path: '/command-line',
  component: lazyRouteComponent(() => import('./pages/CommandLineTab.tsx'), 'CommandLineTab'),
});

const oldTokens = createRoute({
  getParentRoute: () => root,
  path: '/tokens',
  beforeLoad: () => {
    throw redirect({ to: '/account/tokens' });
  },
});

const routeTree = root.addChildren([
  home,
  terminal,
  chooseTemplate,
  oldTokens,
  shell.addChildren([
    workspaces,
    workspace.addChildren([overview, builds, sharing, settings]),
    templates,
    template,
    publish,
    create,
    open,
    people,
    account.addChildren([you, tokens, gitKey, commandLine]),
  ]),
]);

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
