import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { BerthError } from '../../core/errors.ts';

/** Far above any honest request; API Gateway itself would let 10 MB through. */
export const maxBodyBytes = 256 * 1024;

export const tooLarge = (): BerthError =>
  new BerthError('too_large', `The request is larger than ${maxBodyBytes / 1024} KB. Send less.`);

/** The JSON of a request's body; nothing at all reads as an empty object. */
export const readBody = (event: APIGatewayProxyEventV2): unknown => {
  const raw = event.body ?? '';
  const text = event.isBase64Encoded ? Buffer.from(raw, 'base64').toString('utf8') : raw;
  if (Buffer.byteLength(text) > maxBodyBytes) throw tooLarge();
  if (text === '') return {};
  const type = (event.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase();
  if (type !== 'application/json') {
    throw new BerthError(
      'unsupported_media_type',
      'The body must be JSON. Send it with "Content-Type: application/json".',
    );
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) {
      throw new BerthError('invalid_request', `The body is not valid JSON: ${error.message}. Correct it.`, {
        field: 'body',
      });
    }
    throw error;
  }
};
