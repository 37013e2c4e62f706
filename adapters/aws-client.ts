import { NodeHttpHandler } from '@smithy/node-http-handler';

/** What a client is made with on top of the environment's region and credentials; tests name an endpoint. */
export interface AwsClientOptions {
  endpoint?: string;
  region?: string;
  credentials?: { accessKeyId: string; secretAccessKey: string };
  /** Milliseconds until an attempt without a whole answer is given up and tried again. */
  requestTimeoutMs?: number;
}

/**
 * Settings for every SDK client. By default the SDK waits for ever, and a `requestTimeout` alone only logs a warning: one
 * lost packet would hold a function until its own time is over. 4 attempts of 4 s and the pauses between them stay
 * below the 29 s of the HTTP API. HTTP/1.1 for all: Kinesis' own choice, HTTP/2, keeps a session that a frozen function
 * finds dead when it wakes.
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
