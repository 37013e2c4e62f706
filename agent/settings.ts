import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Proof } from './sign-on.ts';

export interface Settings {
  /** Origin of the gateway, http or https. */
  gatewayUrl: URL;
  workspaceId: string;
  proof: Proof;
  /** The workspace's home: the working directory of everything that is started. */
  home: string;
  /** A directory of the agent's own, for the script it runs. */
  runDir: string;
}

const urlIn = (text: string | undefined): URL | undefined => {
  const url = text === undefined ? null : URL.parse(text);
  return url?.protocol === 'http:' || url?.protocol === 'https:' ? url : undefined;
};

/** Link-local and the same on every EC2 machine. */
const usualMetadata = 'http://169.254.169.254';

/** What BERTH_AGENT_SIGN_ON asks for, or what is missing for it. */
const proofIn = (env: NodeJS.ProcessEnv): Proof | string => {
  const kind = env['BERTH_AGENT_SIGN_ON'] ?? 'one-time';
  const token = env['BERTH_AGENT_TOKEN'];
  const tokenFile = env['BERTH_AGENT_TOKEN_FILE'];
  const metadata = urlIn(env['BERTH_AGENT_METADATA_URL'] ?? usualMetadata);
  if (kind === 'one-time') return token ? { kind, token } : 'BERTH_AGENT_TOKEN';
  if (kind === 'kubernetes') return tokenFile ? { kind, tokenFile } : 'BERTH_AGENT_TOKEN_FILE';
  if (kind === 'ec2') return metadata ? { kind, metadata } : 'BERTH_AGENT_METADATA_URL (an http origin)';
  return 'BERTH_AGENT_SIGN_ON (kubernetes, ec2 or one-time)';
};

/** An image need not have a /tmp, and made by the agent it would be closed to everybody else. */
const usualRunDir = (home: string): string =>
  existsSync(tmpdir()) ? join(tmpdir(), `berth-agent-${process.pid}`) : join(home, '.berth-agent');

/** Reads the agent's settings; throws one error that names everything missing. */
export const readSettings = (env: NodeJS.ProcessEnv): Settings => {
  const gatewayUrl = urlIn(env['BERTH_GATEWAY_URL']);
  const workspaceId = env['BERTH_WORKSPACE_ID'];
  const proof = proofIn(env);
  const home = env['HOME'];
  if (gatewayUrl === undefined || !workspaceId || typeof proof === 'string' || !home) {
    const missing = [
      ...(gatewayUrl === undefined ? ['BERTH_GATEWAY_URL (an http or https origin)'] : []),
      ...(workspaceId ? [] : ['BERTH_WORKSPACE_ID']),
      ...(typeof proof === 'string' ? [proof] : []),
      ...(home ? [] : ['HOME']),
    ];
    throw new Error(`The agent cannot start: set ${missing.join(', ')}.`);
  }
  return {
    gatewayUrl,
    workspaceId,
    proof,
    home,
    runDir: env['BERTH_AGENT_DIR'] ?? usualRunDir(home),
  };
};
