import { createSign, generateKeyPairSync, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { selfSigned } from '../support/doubles/certificate.ts';

/** What a machine's metadata service says of it. */
export interface Told {
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
/** Signs what the service says, as AWS's own key does per region. */
export const awsCertificate = selfSigned('AWS', keys);

const treeOf = ({ instanceId, userData, tags }: Told): Tree => {
  const instance = { accountId: account, region, instanceId, architecture: 'x86_64', instanceType: 't3.small' };
  const document = JSON.stringify({ ...instance, availabilityZone: `${region}a`, version: '2017-09-30' }, null, 2);
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
      'instance-type': instance.instanceType,
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

/** Folders end in a slash when they are listed; a path may end in one. */
const found = (tree: Tree, path: string): string | undefined => {
  let at: string | Tree | undefined = tree;
  for (const name of path.split('/').filter((part) => part !== '')) {
    at = typeof at === 'object' && Object.hasOwn(at, name) ? at[name] : undefined;
  }
  if (typeof at !== 'object') return at;
  return Object.entries(at)
    .map(([name, value]) => (typeof value === 'object' ? `${name}/` : name))
    .join('\n');
};

/**
 * An instance's metadata service at a Unix socket. It knows version 2 alone, as where `HttpTokens` is `required`, and
 * hands no token to what came through a proxy. Nothing limits hops: there is one between it and the machine.
 */
export const startMetadata = async (socket: string, told: Told) => {
  const tokens = new Map<string, number>();
  const asked: string[] = [];
  const server = createServer(({ method, url = '/', headers }, response) => {
    const respond = (status: number, body = '') => {
      asked.push(`${method} ${url} ${status}`);
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
    const text = version === '' ? undefined : found(treeOf(told), path);
    return text === undefined ? respond(404) : respond(200, text);
  });
  server.listen(socket);
  await once(server, 'listening');
  return {
    /** Each request, with the status of its response. */
    asked,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
};
