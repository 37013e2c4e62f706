import { createApi } from '../../api/api.ts';
import { templateFileHandlers } from '../../api/template-files.ts';
import { templateFileRuntime } from '../aws/template-files.ts';

export const handler = createApi(templateFileRuntime(), templateFileHandlers);
