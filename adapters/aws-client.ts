import { NodeHttpHandler } from '@smithy/node-http-handler';

/** Client settings in addition to the environment's region and credentials; tests set an endpoint. */
export interface AwsClientOptions {
  endpoint?: string;
  region?: string;
  credentials?: { accessKeyId: string; secretAccessKey: string };
  /** Timeout of one attempt in milliseconds, until the complete response; then the attempt is retried. */
  requestTimeoutMs?: number;
}

/**
 * Settings of every SDK client. By default the SDK waits without a limit, and `requestTimeout` alone only logs a
 * warning: one lost packet would block a function until its own timeout. Four attempts of 4 s with their back-off stay
 * below the HTTP API's limit of 29 s. All clients use HTTP/1.1: Kinesis defaults to HTTP/2, whose session is dead when
 * a frozen function resumes.
 */
export const awsClient = ({ requestTimeoutMs = 4_000, ...options }: AwsClientOptions = {}) => ({
  maxAttempts: 4,
  requestHandler: new NodeHttpHandler({
    connectionTimeout: 1_000,
    requestTimeout: requestTimeoutMs,
    throwOnRequestTimeout: true,
  }),
  ...options,
});
