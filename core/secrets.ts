import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

/** 256 random bits, url-safe. */
export const newSecret = (): string => randomBytes(32).toString('base64url');

/** What is stored of a secret. Secrets have 256 bits, so a plain hash cannot be guessed back. */
export const hashSecret = (secret: string): string => createHash('sha256').update(secret).digest('base64url');

/** Compares in constant time. */
export const sameText = (a: string, b: string): boolean => {
  const [left, right] = [a, b].map((text) => createHash('sha256').update(text).digest());
  return timingSafeEqual(left as Buffer, right as Buffer);
};

/** Whoever signs begins the text with what it is for, so that no signature is good for anything else. */
export const signature = (key: string, text: string) => createHmac('sha256', key).update(text).digest('base64url');

/**
 * The token of one build's agent. It is worked out from the build, so that a repeated step hands out the same one and
 * nothing needs storing; it dies when the build is no longer the workspace's.
 */
export const agentToken = (key: string, workspaceId: string, buildNumber: number): string =>
  `${workspaceId}.${buildNumber}.${signature(key, `agent:${workspaceId}.${buildNumber}`)}`;

/**
 * What a build's compute is handed where no platform vouches for it: good for one sign-on of the build's agent, so that
 * what stays behind in files and environments is of no use.
 */
export const oneTimeToken = (key: string, workspaceId: string, buildNumber: number): string =>
  signature(key, `sign-on:${workspaceId}.${buildNumber}`);

/** Reads a token that was signed with the key; `undefined` for any other text. */
export const readAgentToken = (
  key: string,
  token: string,
): { workspaceId: string; buildNumber: number } | undefined => {
  const [workspaceId, number, , ...rest] = token.split('.');
  if (workspaceId === undefined || number === undefined || rest.length > 0) return undefined;
  if (!/^[1-9][0-9]{0,8}$/.test(number)) return undefined;
  const buildNumber = Number(number);
  return sameText(token, agentToken(key, workspaceId, buildNumber)) ? { workspaceId, buildNumber } : undefined;
};
