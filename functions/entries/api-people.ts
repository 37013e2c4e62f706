import { createApi } from '../api/api.ts';
import { peopleHandlers } from '../api/people.ts';
import { apiRuntime } from './aws/api.ts';

export const handler = createApi(apiRuntime(), peopleHandlers);
