import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import type { ApiHandler } from '../../../functions/api/api.ts';

/** A `fetch` that passes requests to an API handler like API Gateway, without a network in between. */
export const fetchFrom =
  (api: ApiHandler): typeof fetch =>
  async (input, init = {}) => {
    const url = new URL(String(input));
    const method = init.method ?? 'GET';
    const result = await api({
      version: '2.0',
      rawPath: url.pathname,
      headers: Object.fromEntries(new Headers(init.headers)),
      queryStringParameters: Object.fromEntries(url.searchParams),
      body: init.body as string | undefined,
      isBase64Encoded: false,
      requestContext: { requestId: 'direct', http: { method, path: url.pathname } },
    } as unknown as APIGatewayProxyEventV2);
    const headers = Object.entries(result.headers ?? {}).map(([name, value]): [string, string] => [
      name,
      String(value),
    ]);
    return new Response(result.body ?? null, { status: result.statusCode ?? 200, headers });
  };
