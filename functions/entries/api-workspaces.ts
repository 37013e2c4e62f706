import { createApi } from '../api/api.ts';
import { workspaceHandlers } from '../api/workspaces.ts';
import { apiRuntime } from './aws/api.ts';

export const handler = createApi(apiRuntime(), workspaceHandlers);
