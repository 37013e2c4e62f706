import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { BerthError } from '../../core/errors.ts';

/** Far above any legitimate request. API Gateway itself accepts 10 MB. */
export const maxBodyBytes = 256 * 1024;

const tooLarge = (): BerthError =>
  new BerthError('too_large', `The request is larger than ${maxBodyBytes / 1024} KB. Send less.`);

/** Parses the JSON body of a request. An empty body becomes an empty object. */
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
