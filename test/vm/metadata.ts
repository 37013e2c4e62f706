import { createSign, generateKeyPairSync, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { selfSigned } from '../support/doubles/certificate.ts';

/** What an instance's metadata service serves. */
export interface InstanceMetadata {
  instanceId: string;
  userData: string;
  /** The instance's tags, which change while it runs. */
  tags: Record<string, string>;
}

export const account = '123456789012';
export const region = 'eu-central-1';
const mac = '52:54:00:12:34:56';

type Tree = { [name: string]: string | Tree };

const keys = generateKeyPairSync('rsa', { modulusLength: 2048 });
/** Signs identity documents, as AWS's key of a region does. */
export const awsCertificate = selfSigned('AWS', keys);

const treeOf = ({ instanceId, userData, tags }: InstanceMetadata): Tree => {
  const identity = { accountId: account, region, instanceId, architecture: 'x86_64', instanceType: 't3.small' };
  const document = JSON.stringify({ ...identity, availabilityZone: `${region}a`, version: '2017-09-30' }, null, 2);
  return {
    'user-data': userData,
    dynamic: {
      'instance-identity': {
        document,
        signature: createSign('sha256')
          .update(document)
          .sign(keys.privateKey, 'base64')
          .replace(/(.{64})/g, '$1\n'),
      },
    },
    'meta-data': {
      'ami-id': 'ami-0123456789abcdef0',
      'instance-id': instanceId,
      'instance-type': identity.instanceType,
      hostname: 'ip-10-0-0-15.ec2.internal',
      'local-hostname': 'ip-10-0-0-15.ec2.internal',
      'local-ipv4': '10.0.0.15',
      mac,
      network: { interfaces: { macs: { [mac]: { 'device-number': '0', 'local-ipv4s': '10.0.0.15', mac } } } },
      placement: { 'availability-zone': `${region}a`, region },
      services: { domain: 'amazonaws.com', partition: 'aws' },
      iam: { 'security-credentials': { 'the-machines-role': '{"Code": "Success", "SecretAccessKey": "stolen"}' } },
      ...(Object.keys(tags).length === 0 ? {} : { tags: { instance: tags } }),
    },
  };
};

/**
 * The value at a path, or the listing of a folder, in which subfolders end in a slash. The path may end in a slash,
 * too.
 */
const lookUp = (tree: Tree, path: string): string | undefined => {
  let node: string | Tree | undefined = tree;
  for (const name of path.split('/').filter((part) => part !== '')) {
    node = typeof node === 'object' && Object.hasOwn(node, name) ? node[name] : undefined;
  }
  if (typeof node !== 'object') return node;
  return Object.entries(node)
    .map(([name, value]) => (typeof value === 'object' ? `${name}/` : name))
    .join('\n');
};

/**
 * An instance's metadata service on a Unix socket. It supports IMDSv2 only, as with `HttpTokens: required`, and issues
 * no token to a request that came through a proxy. It does not enforce the hop limit: there is one hop between it and
 * the VM.
 */
export const startMetadata = async (socket: string, metadata: InstanceMetadata) => {
  const tokens = new Map<string, number>();
  const requests: string[] = [];
  const server = createServer(({ method, url = '/', headers }, response) => {
    const respond = (status: number, body = '') => {
      requests.push(`${method} ${url} ${status}`);
      response.writeHead(status).end(body);
    };
    const [, version = '', path = ''] = /^\/(latest|\d{4}-\d\d-\d\d)\/(.*)$/.exec(decodeURIComponent(url)) ?? [];
    if (method === 'PUT') {
      const seconds = Number(headers['x-aws-ec2-metadata-token-ttl-seconds']);
      if (version !== 'latest' || path !== 'api/token') return respond(404);
      if (headers['x-forwarded-for'] !== undefined) return respond(403);
      if (!(seconds >= 1 && seconds <= 21_600)) return respond(400);
      const token = randomBytes(40).toString('base64');
      tokens.set(token, Date.now() + seconds * 1_000);
      return respond(200, token);
    }
    if (method !== 'GET') return respond(405);
    const validUntil = tokens.get(String(headers['x-aws-ec2-metadata-token'])) ?? 0;
    if (validUntil < Date.now()) return respond(401);
    const text = version === '' ? undefined : lookUp(treeOf(metadata), path);
    return text === undefined ? respond(404) : respond(200, text);
  });
  server.listen(socket);
  await once(server, 'listening');
  return {
    /** Each request, with the status of its response. */
    requests,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
};
