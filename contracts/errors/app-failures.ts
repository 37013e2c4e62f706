/**
 * The largest status line and headers of an app's response, in bytes. AWS's Application Load Balancer has the same
 * limit (64 K); Node's HTTP client stops at 16 KB by default.
 */
export const largestResponseHead = 64 * 1024;

/** Why there is no response of an app that the gateway can forward. */
export const appFailures = [
  'refused',
  'no_response',
  'hung_up',
  'malformed',
  'head_too_large',
  'https_only',
  'not_https',
  'http2_only',
] as const;
export type AppFailure = (typeof appFailures)[number];

const failureOfCode: Record<string, AppFailure> = {
  ECONNREFUSED: 'refused',
  ENOENT: 'refused',
  ECONNRESET: 'hung_up',
  EPIPE: 'hung_up',
  HPE_INVALID_EOF_STATE: 'hung_up',
  ABORT_ERR: 'no_response',
  HPE_HEADER_OVERFLOW: 'head_too_large',
};

/** The app's failure behind an error of Node's HTTP client; `undefined` for an error that the app did not cause. */
export const appFailureOf = (error: unknown): AppFailure | undefined => {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return failureOfCode[code] ?? (code.startsWith('HPE_') ? 'malformed' : undefined);
};

interface FailureText {
  title: string;
  /** What failed, and what to do. */
  text: string;
}

/** Describes an app's failure. `port` is set for a port that is not an app of the template. */
export const appFailureText = (app: string, failure: AppFailure, port?: number): FailureText => {
  const what = port === undefined ? app : `Port ${port}`;
  switch (failure) {
    case 'refused':
      if (port === undefined)
        return {
          title: `${what} is not ready yet`,
          text: 'The workspace runs, but the app does not listen yet. Check that the startup script starts it.',
        };
      return {
        title: `Nothing listens on port ${port} yet`,
        text: `Start your server in the workspace on port ${port} of localhost, 127.0.0.1 or all addresses.`,
      };
    case 'no_response':
      return {
        title: `${what} does not respond`,
        text: 'It accepts connections but sends no response in time. Check its log.',
      };
    case 'hung_up':
      return {
        title: `${what} closed the connection`,
        text: 'It accepted the connection and closed it without a response. Check its log.',
      };
    case 'malformed':
      return {
        title: `${what} sent an invalid response`,
        text: 'The response is not valid HTTP. Check that the server is a web server.',
      };
    case 'head_too_large':
      return {
        title: `${what} sent headers that are too large`,
        text: `The response headers are larger than ${largestResponseHead / 1024} KB. Make the app send fewer or smaller headers, for example cookies.`,
      };
    case 'https_only':
      if (port === undefined)
        return {
          title: `${what} speaks HTTPS only`,
          text: 'It does not accept plain HTTP. Set "protocol: https" for the app in the template.',
        };
      return { title: `${what} speaks HTTPS only`, text: 'Reload the page to connect by HTTPS.' };
    case 'not_https':
      return {
        title: `${what} does not speak HTTPS`,
        text: 'The template has "protocol: https" for the app, but the app does not speak HTTPS. Remove that line, or enable HTTPS in the app.',
      };
    case 'http2_only':
      return {
        title: `${what} speaks HTTP/2 only`,
        text: 'Berth sends HTTP/1.1. Enable HTTP/1.1 in the server.',
      };
  }
};
