import { describe, expect, test } from 'vitest';
import { kubernetesSuite } from './suite.ts';

const suite = kubernetesSuite();

describe('the network policy', () => {
  test('denies ingress, and allows egress to DNS and the internet, not to other pods or instance metadata', async () => {
    await suite.start();
    expect(suite.policy().spec?.podSelector?.matchLabels).toEqual({
      'berth.dev/installation': 'test',
      'berth.dev/workspace': suite.id,
    });
    expect(suite.policy().spec).toMatchObject({ policyTypes: ['Ingress', 'Egress'], ingress: [] });
    const [dns, ...out] = suite.policy().spec?.egress ?? [];
    expect(dns?.ports?.map(({ port }) => port)).toEqual([53, 53]);
    const blocks = out.flatMap(({ to = [] }) => to).map(({ ipBlock }) => ipBlock);
    expect(blocks).toEqual([
      {
        cidr: '0.0.0.0/0',
        except: ['169.254.0.0/16', '10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10'],
      },
      { cidr: '::/0', except: ['fe80::/10', 'fd00:ec2::/32', 'fc00::/7'] },
    ]);
  });

  test('is created before the pod', async () => {
    await suite.start();
    const applied = suite.fixture.cluster.requests.filter(({ method }) => method === 'PATCH').map(({ path }) => path);
    expect(applied.map((path) => /(networkpolicies|persistentvolumeclaims|pods)/.exec(path)?.[0])).toEqual([
      'networkpolicies',
      'persistentvolumeclaims',
      'pods',
    ]);
  });

  test('allows the networks and ports of the settings, private ones included', async () => {
    const allow = [
      { cidr: '10.0.5.0/24', ports: [{ port: 443, protocol: 'TCP' as const }] },
      { cidr: '198.51.100.0/24' },
    ];
    suite.open({ network: { dns: ['169.254.20.10/32'], allow, deny: ['10.0.0.0/8', '198.51.100.128/25'] } });
    await suite.start();
    const [dns, ...out] = suite.policy().spec?.egress ?? [];
    expect(dns?.to).toContainEqual({ ipBlock: { cidr: '169.254.20.10/32' } });
    expect(out).toEqual([
      { to: [{ ipBlock: { cidr: '10.0.5.0/24' } }], ports: [{ port: 443, protocol: 'TCP' }] },
      { to: [{ ipBlock: { cidr: '198.51.100.0/24', except: ['198.51.100.128/25'] } }] },
    ]);
  });

  test.each(['169.254.169.254/32', '169.254.170.0/24', 'fd00:ec2::254/128'])(
    'refuses settings that allow %s',
    (cidr) => {
      expect(() => suite.fixture.open({ network: { dns: [], allow: [{ cidr }], deny: [] } })).toThrow(`names ${cidr}`);
    },
  );
});
