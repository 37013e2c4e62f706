import { BerthError } from '../errors.ts';

/** The position of the next page as opaque text. */
export const encodeCursor = (position: object): string => Buffer.from(JSON.stringify(position)).toString('base64url');

/** The content of a cursor, unchecked. Throws `invalid_request` for text that is not a cursor. */
export const decodeCursor = (cursor: string): unknown => {
  try {
    return JSON.parse(Buffer.from(cursor, 'base64url').toString());
  } catch (error) {
    throw notACursor(error);
  }
};

export const notACursor = (cause?: unknown): BerthError =>
  new BerthError('invalid_request', 'The cursor is not valid for this list. Omit it to start from the beginning.', {
    field: 'cursor',
    cause,
  });
