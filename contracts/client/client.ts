import { routes } from '../routes/routes.ts';
import { type Client, type ClientOptions, clientOf } from './calls.ts';

export { ApiError, type Client } from './calls.ts';

/** A client made from the whole route table. Portal and CLI use `addresses.ts` instead, which needs no schemas. */
export const createClient = (options: ClientOptions): Client => clientOf(routes, options);
