/** Node's pool size, for the importer to restore. */
export const { poolSize } = Buffer;

Buffer.poolSize = 0;
