import { createRootRoute, createRoute, createRouter, lazyRouteComponent, redirect } from '@tanstack/react-router';
import { homePath } from './auth/returnPath.ts';
import { nonEmptyText, oneOf, parseSearch, stringifySearch, withoutUndefined } from './lib/searchParams.ts';
import { CrashPage } from './shell/CrashPage.tsx';
import { Layout } from './shell/Layout.tsx';
import { LoadingState } from './ui/feedback/Load.tsx';
import { NotFoundPage } from './ui/feedback/NotFoundPage.tsx';
import { type Filters, type Scope, scopes, sorts, statusFilters } from './workspace-list/filters.ts';
import { WorkspacesPage } from './workspace-list/WorkspacesPage.tsx';

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
    withoutUndefined({
      q: nonEmptyText(search['q']),
      owner: oneOf(scopes, search['owner']),
      status: oneOf(statusFilters, search['status']),
      template: nonEmptyText(search['template']),
      by: nonEmptyText(search['by']),
      sort: oneOf(sorts, search['sort']),
    }),
  component: WorkspacesPage,
});

const workspace = createRoute({
  getParentRoute: () => shell,
  path: '/workspaces/$workspace',
  validateSearch: (search): { start?: '1' } =>
    withoutUndefined({ start: search['start'] === '1' ? ('1' as const) : undefined }),
  component: lazyRouteComponent(() => import('./workspace-page/WorkspacePage.tsx'), 'WorkspacePage'),
});

const overview = createRoute({
  getParentRoute: () => workspace,
  path: '/',
  component: lazyRouteComponent(() => import('./workspace-page/OverviewTab.tsx'), 'OverviewTab'),
});

const builds = createRoute({
  getParentRoute: () => workspace,
  path: '/builds',
  validateSearch: (search): { build?: string } => withoutUndefined({ build: nonEmptyText(search['build']) }),
  component: lazyRouteComponent(() => import('./builds/BuildsTab.tsx'), 'BuildsTab'),
});

const sharing = createRoute({
  getParentRoute: () => workspace,
  path: '/sharing',
  component: lazyRouteComponent(() => import('./sharing/SharingTab.tsx'), 'SharingTab'),
});

const settings = createRoute({
  getParentRoute: () => workspace,
  path: '/settings',
  validateSearch: (search): { version?: string } => withoutUndefined({ version: nonEmptyText(search['version']) }),
  component: lazyRouteComponent(() => import('./workspace-page/SettingsTab.tsx'), 'SettingsTab'),
});

const terminal = createRoute({
  getParentRoute: () => root,
  path: '/workspaces/$workspace/terminal',
  validateSearch: (search): { name?: string } => withoutUndefined({ name: nonEmptyText(search['name'])?.slice(0, 60) }),
  component: lazyRouteComponent(() => import('./terminal/TerminalPage.tsx'), 'TerminalPage'),
});

const templates = createRoute({
  getParentRoute: () => shell,
  path: '/templates',
  validateSearch: (search): { q?: string } => withoutUndefined({ q: nonEmptyText(search['q']) }),
  component: lazyRouteComponent(() => import('./templates/TemplatesPage.tsx'), 'TemplatesPage'),
});

const template = createRoute({
  getParentRoute: () => shell,
  path: '/templates/$template',
  component: lazyRouteComponent(() => import('./templates/TemplatePage.tsx'), 'TemplatePage'),
});

const publish = createRoute({
  getParentRoute: () => shell,
  path: '/publish',
  validateSearch: (search): { template?: string } => withoutUndefined({ template: nonEmptyText(search['template']) }),
  component: lazyRouteComponent(() => import('./publish/PublishPage.tsx'), 'PublishPage'),
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
  // Values that a link fills into the form, by parameter name.
  validateSearch: (search): Record<string, string> =>
    Object.fromEntries(
      Object.entries(search).flatMap(([name, value]) => (typeof value === 'string' ? [[name, value]] : [])),
    ),
  component: lazyRouteComponent(() => import('./create/CreatePage.tsx'), 'CreatePage'),
});

const open = createRoute({
  getParentRoute: () => shell,
  path: '/open',
  validateSearch: (search): { app?: string; path?: string } =>
    withoutUndefined({ app: nonEmptyText(search['app']), path: nonEmptyText(search['path']) }),
  component: lazyRouteComponent(() => import('./shell/OpenPage.tsx'), 'OpenPage'),
});

const people = createRoute({
  getParentRoute: () => shell,
  path: '/people',
  validateSearch: (search): { q?: string; show?: 'active' | 'inactive' } =>
    withoutUndefined({ q: nonEmptyText(search['q']), show: oneOf(['active', 'inactive'], search['show']) }),
  component: lazyRouteComponent(() => import('./people/PeoplePage.tsx'), 'PeoplePage'),
});

const help = createRoute({
  getParentRoute: () => shell,
  path: '/help',
  component: lazyRouteComponent(() => import('./shell/HelpPage.tsx'), 'HelpPage'),
});

const account = createRoute({
  getParentRoute: () => shell,
  path: '/account',
  component: lazyRouteComponent(() => import('./account/AccountPage.tsx'), 'AccountPage'),
});

const profile = createRoute({
  getParentRoute: () => account,
  path: '/',
  component: lazyRouteComponent(() => import('./account/AccountPage.tsx'), 'ProfileTab'),
});

const tokens = createRoute({
  getParentRoute: () => account,
  path: '/tokens',
  component: lazyRouteComponent(() => import('./account/TokensTab.tsx'), 'TokensTab'),
});

const gitKey = createRoute({
  getParentRoute: () => account,
  path: '/git-key',
  component: lazyRouteComponent(() => import('./account/GitKeyTab.tsx'), 'GitKeyTab'),
});

const commandLine = createRoute({
  getParentRoute: () => account,
  path: '/command-line',
  component: lazyRouteComponent(() => import('./account/CommandLineTab.tsx'), 'CommandLineTab'),
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
    help,
    account.addChildren([profile, tokens, gitKey, commandLine]),
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
