import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { SignOnAnswer, SignOnRequest } from '../contracts/agent.ts';
import { signOnPath } from '../contracts/wire.ts';
import { ask } from './ask.ts';

/** By what the agent shows whose it is. */
export type Proof =
  /** The service-account token that the kubelet keeps fresh in a file. */
  | { kind: 'kubernetes'; tokenFile: string }
  /** What the machine's metadata service says of it. */
  | { kind: 'ec2'; metadata: URL }
  /** A token that is good for this once. */
  | { kind: 'one-time'; token: string };

interface SignOnSettings {
  gatewayUrl: URL;
  workspaceId: string;
  proof: Proof;
}

const metadataSeconds = '60';

const toldByMetadata = async (url: URL, asked: Parameters<typeof ask>[1]): Promise<string> => {
  const { status, body } = await ask(url, asked);
  if (status !== 200) throw new Error(`the metadata service answered ${status} to ${url.pathname}`);
  return body;
};

/** IMDSv2: a token first, which no proxy in between would fetch. */
const identityOf = async (metadata: URL): Promise<{ document: string; signature: string }> => {
  const token = await toldByMetadata(new URL('/latest/api/token', metadata), {
    method: 'PUT',
    headers: { 'x-aws-ec2-metadata-token-ttl-seconds': metadataSeconds },
  });
  const read = (name: string) =>
    toldByMetadata(new URL(`/latest/dynamic/instance-identity/${name}`, metadata), {
      headers: { 'x-aws-ec2-metadata-token': token },
    });
  const [document, signature] = await Promise.all([read('document'), read('signature')]);
  return { document, signature };
};

/**
 * Signs the agent on at the gateway and keeps the token it is given, in memory alone. Where the proof is a one-time token
 * the same process may ask again, as when an answer was lost: it is known by its nonce.
 */
export class SignOn {
  readonly #settings: SignOnSettings;
  readonly #nonce = randomBytes(32).toString('base64url');
  #token: string | undefined;
  #isRenewed = false;

  constructor(settings: SignOnSettings) {
    this.#settings = settings;
  }

  /** The token to dial with; `refused` when the gateway will give none. Throws when it could not be asked. */
  async token(): Promise<{ token: string } | { refused: 401 }> {
    if (this.#token !== undefined) return { token: this.#token };
    const { status, body } = await ask(new URL(signOnPath, this.#settings.gatewayUrl), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(await this.#request()),
    });
    if (status === 401) return { refused: 401 };
    if (status !== 200) throw new Error(`the gateway answered ${status} to the sign-on`);
    const { token } = JSON.parse(body) as SignOnAnswer;
    this.#token = token;
    return { token };
  }

  /** The token was taken. */
  accepted(): void {
    this.#isRenewed = false;
  }

  /** The token was refused; whether another one is worth asking for. One that was asked for anew and is refused is not. */
  renew(): boolean {
    this.#token = undefined;
    const isFirst = !this.#isRenewed;
    this.#isRenewed = true;
    return isFirst;
  }

  async #request(): Promise<SignOnRequest> {
    const { workspaceId, proof } = this.#settings;
    switch (proof.kind) {
      case 'kubernetes':
        return { kind: proof.kind, workspaceId, token: (await readFile(proof.tokenFile, 'utf8')).trim() };
      case 'ec2':
        return { kind: proof.kind, workspaceId, ...(await identityOf(proof.metadata)) };
      case 'one-time':
        return { kind: proof.kind, workspaceId, token: proof.token, nonce: this.#nonce };
    }
  }
}
