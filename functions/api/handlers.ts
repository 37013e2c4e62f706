import type { RouteName } from '../../contracts/routes/routes.ts';
import type { Handlers } from './envelope.ts';
import { gitKeyHandlers } from './git-key.ts';
import { homeHandlers } from './homes.ts';
import { peopleHandlers } from './people.ts';
import { sharingHandlers } from './sharing.ts';
import { systemHandlers } from './system.ts';
import { templateFileHandlers } from './template-files.ts';
import { templateHandlers } from './templates.ts';
import { workspaceHandlers } from './workspaces.ts';

/** The handlers of all routes. On AWS each area is a function of its own. */
export const allHandlers: Handlers<RouteName> = {
  ...systemHandlers,
  ...peopleHandlers,
  ...gitKeyHandlers,
  ...homeHandlers,
  ...templateHandlers,
  ...templateFileHandlers,
  ...workspaceHandlers,
  ...sharingHandlers,
};
