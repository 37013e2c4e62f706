import type { IncomingMessage } from 'node:http';

/** The token in `Authorization: Bearer …`; `undefined` where there is none, or one longer than any of ours. */
export const bearerOf = ({ headers }: IncomingMessage): string | undefined =>
  /^Bearer ([^\s]{1,4096})$/i.exec(headers.authorization ?? '')?.[1];
