import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { AgentAuthenticationRequest, AgentAuthenticationResponse } from '../../contracts/agent/authentication.ts';
import { agentAuthenticationPath } from '../../contracts/agent/wire.ts';
import type { Settings } from '../common/settings.ts';
import { sendRequest } from './http-request.ts';

const metadataTokenSeconds = '60';

const requestMetadata = async (url: URL, options: Parameters<typeof sendRequest>[1]): Promise<string> => {
  const { status, body } = await sendRequest(url, options);
  if (status !== 200) throw new Error(`the metadata service responded to ${url.pathname} with status ${status}`);
  return body;
};

/** IMDSv2 requires a session token, which a forwarding proxy would not fetch. */
const readInstanceIdentity = async (metadata: URL): Promise<{ document: string; signature: string }> => {
  const token = await requestMetadata(new URL('/latest/api/token', metadata), {
    method: 'PUT',
    headers: { 'x-aws-ec2-metadata-token-ttl-seconds': metadataTokenSeconds },
  });
  const read = (name: string) =>
    requestMetadata(new URL(`/latest/dynamic/instance-identity/${name}`, metadata), {
      headers: { 'x-aws-ec2-metadata-token': token },
    });
  const [document, signature] = await Promise.all([read('document'), read('signature')]);
  return { document, signature };
};

/**
 * Authenticates the agent at the gateway and keeps the token of its build in memory only. With a one-time token the
 * same process may repeat the request, for example when the response was lost: the gateway recognizes its nonce.
 */
export class AgentAuthentication {
  readonly #settings: Pick<Settings, 'gatewayUrl' | 'workspaceId' | 'credential'>;
  readonly #nonce = randomBytes(32).toString('base64url');
  #token: string | undefined;
  #hasDiscarded = false;

  constructor(settings: Pick<Settings, 'gatewayUrl' | 'workspaceId' | 'credential'>) {
    this.#settings = settings;
  }

  /**
   * The token to dial with; `refused` when the gateway rejects the credential. Throws when there was no usable
   * response.
   */
  async token(): Promise<{ token: string } | { refused: 401 }> {
    if (this.#token !== undefined) return { token: this.#token };
    const { status, body } = await sendRequest(new URL(agentAuthenticationPath, this.#settings.gatewayUrl), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(await this.#createRequest()),
    });
    if (status === 401) return { refused: 401 };
    if (status !== 200) throw new Error(`the gateway responded to the agent's authentication with status ${status}`);
    const { token } = JSON.parse(body) as AgentAuthenticationResponse;
    this.#token = token;
    return { token };
  }

  /** Call when the gateway accepted the token. */
  tokenAccepted(): void {
    this.#hasDiscarded = false;
  }

  /**
   * Call when the gateway rejected the token. Returns false when the rejected token was already a new one, so
   * another request is useless.
   */
  discardToken(): boolean {
    this.#token = undefined;
    const isFirst = !this.#hasDiscarded;
    this.#hasDiscarded = true;
    return isFirst;
  }

  async #createRequest(): Promise<AgentAuthenticationRequest> {
    const { workspaceId, credential } = this.#settings;
    switch (credential.kind) {
      case 'kubernetes':
        return { kind: credential.kind, workspaceId, token: (await readFile(credential.tokenFile, 'utf8')).trim() };
      case 'ec2':
        return { kind: credential.kind, workspaceId, ...(await readInstanceIdentity(credential.metadata)) };
      case 'one-time':
        return { kind: credential.kind, workspaceId, token: credential.token, nonce: this.#nonce };
    }
  }
}
