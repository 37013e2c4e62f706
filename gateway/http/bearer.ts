import type { IncomingMessage } from 'node:http';

/** The token in `Authorization: Bearer …`; `undefined` without one, or if it is longer than any token of Berth's. */
export const bearerToken = ({ headers }: IncomingMessage): string | undefined =>
  /^Bearer ([^\s]{1,4096})$/i.exec(headers.authorization ?? '')?.[1];
