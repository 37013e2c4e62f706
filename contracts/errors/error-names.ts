/**
 * Every error that Berth returns, by its stable name: the last part of the problem's `type` (RFC 9457), and the error
 * name that workflows catch. Add new errors here. Without zod, to keep it out of the portal's first load.
 */
export const errorCatalogue = {
  invalid_request: { status: 400, title: 'The request is not valid' },
  invalid_template: { status: 422, title: 'The template is not valid' },
  invalid_parameter: { status: 422, title: 'A parameter is not valid' },
  unauthenticated: { status: 401, title: 'Sign-in required' },
  forbidden: { status: 403, title: 'Not allowed' },
  not_found: { status: 404, title: 'Not found' },
  method_not_allowed: { status: 405, title: 'Method not allowed' },
  name_taken: { status: 409, title: 'The name is already in use' },
  conflict: { status: 409, title: 'Changed by another request' },
  wrong_state: { status: 409, title: 'Not possible in this state' },
  idempotency_mismatch: { status: 422, title: 'The Idempotency-Key was used for another request' },
  request_timeout: { status: 408, title: 'The request took too long' },
  too_large: { status: 413, title: 'The request is too large' },
  unsupported_media_type: { status: 415, title: 'Unsupported media type' },
  quota_exceeded: { status: 403, title: 'Quota exceeded' },
  ticket_invalid: { status: 401, title: 'The ticket is not valid' },
  agent_refused: { status: 401, title: 'The agent was refused' },
  agent_unreachable: { status: 502, title: 'The workspace does not respond' },
  app_failed: { status: 502, title: 'The app returned no valid response' },
  build_canceled: { status: 409, title: 'The build was canceled' },
  startup_failed: { status: 500, title: 'The startup script failed' },
  startup_timeout: { status: 500, title: 'The startup script took too long' },
  agent_timeout: { status: 500, title: 'The agent did not connect' },
  compute_unreachable: { status: 503, title: 'The compute platform does not respond' },
  compute_failed: { status: 500, title: 'The compute could not be started' },
  internal: { status: 500, title: 'Internal error' },
} as const satisfies Record<string, { status: number; title: string }>;

export type ErrorName = keyof typeof errorCatalogue;

const typePrefix = 'https://berth.dev/errors/';
export const problemType = (name: ErrorName): string => typePrefix + name;

/** The error name inside a problem's `type`; `internal` for a type that is not Berth's. */
export const errorNameOf = ({ type }: { type: string }): ErrorName => {
  const name = type.startsWith(typePrefix) ? type.slice(typePrefix.length) : '';
  return Object.hasOwn(errorCatalogue, name) ? (name as ErrorName) : 'internal';
};
