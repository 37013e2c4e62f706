import { type Client, type ClientOptions, clientOf } from './calls.ts';
import { routes } from './routes.ts';

export { ApiError, type Client } from './calls.ts';

/** The client over the whole route table; the portal has one without the schemas (`addresses.ts`). */
export const createClient = (options: ClientOptions): Client => clientOf(routes, options);
