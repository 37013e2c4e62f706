import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What the agent shows the gateway to prove which workspace it belongs to. */
export type AgentCredential =
  /** The service-account token in a file that the kubelet refreshes. */
  | { kind: 'kubernetes'; tokenFile: string }
  /** The instance identity document of EC2's metadata service. */
  | { kind: 'ec2'; metadata: URL }
  /** A token that can be used once. */
  | { kind: 'one-time'; token: string };

export interface Settings {
  /** Origin of the gateway, http or https. */
  gatewayUrl: URL;
  workspaceId: string;
  credential: AgentCredential;
  /** The workspace's home: the working directory of every program that the agent starts. */
  home: string;
  /** The agent's own directory, for scripts and configuration that it writes. */
  runDir: string;
}

const parseHttpUrl = (text: string | undefined): URL | undefined => {
  const url = text === undefined ? null : URL.parse(text);
  return url?.protocol === 'http:' || url?.protocol === 'https:' ? url : undefined;
};

/** Link-local, and the same on every EC2 instance. */
const defaultMetadataUrl = 'http://169.254.169.254';

/** The credential that BERTH_AGENT_SIGN_ON selects, or the name of the setting that it lacks. */
const readCredential = (env: NodeJS.ProcessEnv): AgentCredential | string => {
  const kind = env['BERTH_AGENT_SIGN_ON'] ?? 'one-time';
  const token = env['BERTH_AGENT_TOKEN'];
  const tokenFile = env['BERTH_AGENT_TOKEN_FILE'];
  const metadata = parseHttpUrl(env['BERTH_AGENT_METADATA_URL'] ?? defaultMetadataUrl);
  if (kind === 'one-time') return token ? { kind, token } : 'BERTH_AGENT_TOKEN';
  if (kind === 'kubernetes') return tokenFile ? { kind, tokenFile } : 'BERTH_AGENT_TOKEN_FILE';
  if (kind === 'ec2') return metadata ? { kind, metadata } : 'BERTH_AGENT_METADATA_URL (an http origin)';
  return 'BERTH_AGENT_SIGN_ON (kubernetes, ec2 or one-time)';
};

/** An image may lack /tmp. The agent must not create it, because other users could not write to a /tmp that it owns. */
const defaultRunDir = (home: string): string =>
  existsSync(tmpdir()) ? join(tmpdir(), `berth-agent-${process.pid}`) : join(home, '.berth-agent');

/** Reads the agent's settings. Throws one error that names everything that is missing. */
export const readSettings = (env: NodeJS.ProcessEnv): Settings => {
  const gatewayUrl = parseHttpUrl(env['BERTH_GATEWAY_URL']);
  const workspaceId = env['BERTH_WORKSPACE_ID'];
  const credential = readCredential(env);
  const home = env['HOME'];
  if (gatewayUrl === undefined || !workspaceId || typeof credential === 'string' || !home) {
    const missing = [
      ...(gatewayUrl === undefined ? ['BERTH_GATEWAY_URL (an http or https origin)'] : []),
      ...(workspaceId ? [] : ['BERTH_WORKSPACE_ID']),
      ...(typeof credential === 'string' ? [credential] : []),
      ...(home ? [] : ['HOME']),
    ];
    throw new Error(`The agent cannot start: set ${missing.join(', ')}.`);
  }
  return {
    gatewayUrl,
    workspaceId,
    credential,
    home,
    runDir: env['BERTH_AGENT_DIR'] ?? defaultRunDir(home),
  };
};
