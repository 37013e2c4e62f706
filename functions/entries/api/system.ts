import { createApi } from '../../api/api.ts';
import { systemHandlers } from '../../api/system.ts';
import { publicRuntime } from '../aws/public.ts';

export const handler = createApi(publicRuntime(), systemHandlers);
