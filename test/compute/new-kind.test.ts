import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, test, vi } from 'vitest';
import { installKinds, type KindDependencies } from '../../compute/installable-kind.ts';
import { installableKinds } from '../../compute/kinds.ts';
import { computeRegistry } from '../../compute/registry.ts';
import { skeleton } from '../../compute/skeleton/installable.ts';
import { provider } from '../../compute/skeleton/open.ts';
import { givenBerth, givenTemplates, type TestBerth } from '../support/berth.ts';
import { computeContract } from './contract.ts';

/** Adds a kind as compute/skeleton/README.md says: its folder, its settings, and one line in the list of kinds. */
const givenInstalled = (settings: unknown = {}) => {
  const [installed] = installKinds([...installableKinds, skeleton], { skeleton: settings });
  if (installed === undefined) throw new Error('nothing was installed');
  return { installed, open: () => installed.open({} as KindDependencies) };
};
beforeEach(() => provider.clear());

computeContract('skeleton, installed by settings', async () => {
  const { open } = givenInstalled();
  return {
    kind: open(),
    reopen: open,
    spec: {},
    badSpec: { value: { sise: 'small' }, field: 'sise' },
    identity: async (id) => provider.get(id)?.build?.id,
    leftovers: async (id) => [...provider.keys()].filter((key) => key === id),
    close: async () => provider.clear(),
  };
});

describe('a kind that was added', () => {
  let berth: TestBerth | undefined;
  afterEach(() => berth?.end());

  it('runs a workspace that was created through the API', async () => {
    const { open } = givenInstalled();
    const template = 'name: bare\ncompute: { kind: skeleton, spec: { size: large } }\n';
    berth = await givenBerth({ templateFolders: [givenTemplates({ bare: template })], moreKinds: [open()] });
    const { id } = await berth.as('ada').createWorkspace({ body: { name: 'demo', template: 'bare' } });
    await vi.waitUntil(() => provider.get(id)?.build !== undefined, { timeout: 30_000 });
  });

  it('validates templates by its settings', () => {
    const { installed } = givenInstalled({ allowLarge: false });
    const { spec } = computeRegistry([installed.templates()]).get('skeleton');
    expect(spec.safeParse({ size: 'large' }).success).toBe(false);
    expect(spec.safeParse({ size: 'small' }).success).toBe(true);
  });
});

describe('settings', () => {
  it('for an unknown kind are refused with the names of the installable kinds', () => {
    expect(() => installKinds(installableKinds, { mainframe: {} })).toThrow(
      'BERTH_COMPUTE names the kind "mainframe". Use one of: kubernetes-pod, ec2-vm.',
    );
  });

  it('that are invalid are refused when the kind is installed', () => {
    expect(() => givenInstalled({ allowLarg: true })).toThrow('allowLarg');
  });
});

/** Files and folders outside of a kind's own folder that name it, with the reason. A new kind needs none of them. */
const allowed: Record<string, string> = {
  'cli/': 'starter templates',
  'contracts/settings/': 'the settings of each kind',
  'functions/entries/aws/compute/pools.ts': 'the pools of ec2-vm',
  'infra/': 'the AWS resources of each kind',
  'local/settings/kubernetes.ts': 'kubernetes-pod on the cluster of KUBECONFIG',
};

test('no other source file names a kind', () => {
  const root = join(import.meta.dirname, '../..');
  const folders =
    '{adapters,agent,base,bundles,cli,compute,contracts,core,functions,gateway,infra,local,tunnel,web,workflows}';
  const exclude = ['web/dist/**', '**/*.test.{ts,tsx}'];
  const naming = globSync(`${folders}/**/*.{ts,tsx,json}`, { cwd: root, exclude })
    .filter((file) => !/^compute\/(ec2|kubernetes)\//.test(file))
    .filter((file) => /\b(ec2-vm|kubernetes-pod)\b/.test(readFileSync(join(root, file), 'utf8')));
  const prefixOf = (file: string) => Object.keys(allowed).find((prefix) => file.startsWith(prefix)) ?? file;
  expect([...new Set(naming.map(prefixOf))].sort()).toEqual(Object.keys(allowed).sort());
});
