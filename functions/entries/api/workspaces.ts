import { createApi } from '../../api/api.ts';
import { homeHandlers } from '../../api/homes.ts';
import { sharingHandlers } from '../../api/sharing.ts';
import { workspaceHandlers } from '../../api/workspaces.ts';
import { sealingRuntime } from '../aws/sealing.ts';

export const handler = createApi(sealingRuntime(), { ...workspaceHandlers, ...homeHandlers, ...sharingHandlers });
