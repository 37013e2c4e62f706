import type { RouteName } from '../contracts/routes.ts';

/** A Lambda each, so that a fault or a flaw in one has the rights of that one alone. */
export type Area = 'system' | 'people' | 'templates' | 'workspaces';

/** Which area answers a route. A route that is missing here does not compile. */
export const areaOf: Record<RouteName, Area> = {
  health: 'system',
  config: 'system',
  me: 'people',
  listTokens: 'people',
  createToken: 'people',
  revokeToken: 'people',
  listPeople: 'people',
  deactivatePerson: 'people',
  activatePerson: 'people',
  listTemplates: 'templates',
  getTemplate: 'templates',
  listTemplateVersions: 'templates',
  publishTemplate: 'templates',
  getTemplateVersion: 'templates',
  listWorkspaces: 'workspaces',
  createWorkspace: 'workspaces',
  getWorkspace: 'workspaces',
  startWorkspace: 'workspaces',
  stopWorkspace: 'workspaces',
  deleteWorkspace: 'workspaces',
  extendWorkspace: 'workspaces',
  setAutostart: 'workspaces',
  removeAutostart: 'workspaces',
  listBuilds: 'workspaces',
  getBuild: 'workspaces',
  getBuildLog: 'workspaces',
  createTicket: 'workspaces',
};
