import { createApi } from '../../api/api.ts';
import { templateHandlers } from '../../api/templates.ts';
import { apiRuntime } from '../aws/api.ts';

export const handler = createApi(apiRuntime(), templateHandlers);
