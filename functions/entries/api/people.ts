import { createApi } from '../../api/api.ts';
import { gitKeyHandlers } from '../../api/git-key.ts';
import { peopleHandlers } from '../../api/people.ts';
import { sealingRuntime } from '../aws/sealing.ts';

export const handler = createApi(sealingRuntime(), { ...peopleHandlers, ...gitKeyHandlers });
