import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

/** 256 random bits, url-safe. */
export const newSecret = (): string => randomBytes(32).toString('base64url');

/** The stored form of a secret. Secrets have 256 random bits, so an unsalted hash cannot be brute-forced. */
export const hashSecret = (secret: string): string => createHash('sha256').update(secret).digest('base64url');

/** Compares in constant time. */
export const sameText = (a: string, b: string): boolean => {
  const [left, right] = [a, b].map((text) => createHash('sha256').update(text).digest());
  return timingSafeEqual(left as Buffer, right as Buffer);
};

/** Callers begin the text with its purpose, so that a signature for one purpose is not valid for another. */
export const signature = (key: string, text: string) => createHmac('sha256', key).update(text).digest('base64url');

/**
 * The token of one build's agent. It is derived from the build, so that a repeated step issues the same token and none
 * is stored. It is refused once the build is no longer the workspace's current one.
 */
export const agentToken = (key: string, workspaceId: string, buildNumber: number): string =>
  `${workspaceId}.${buildNumber}.${signature(key, `agent:${workspaceId}.${buildNumber}`)}`;

/**
 * The credential of a build's compute on a platform without identities of its own. It authenticates the build's agent
 * once, so that a copy left in a file or environment is useless. Each launch of the build's compute has its own.
 */
export const oneTimeToken = (key: string, workspaceId: string, buildNumber: number, launch = 0): string =>
  signature(key, `sign-on:${workspaceId}.${buildNumber}${launch === 0 ? '' : `.${launch}`}`);

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
