import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { atMost, type Benchmark } from '../measuring/figure.ts';

const root = join(import.meta.dirname, '..', '..', '..');

/** Without VM pools, whose agent would be fetched from the npm registry. */
const settings = (): string => {
  const example = parse(readFileSync(join(root, 'infra', 'settings.example.yaml'), 'utf8')) as Record<string, unknown>;
  return stringify({ ...example, vmPools: [] });
};

/** The whole `cdk synth`: bundles, portal, templates, and every check of them. */
export const synth: Benchmark = {
  name: 'synth',
  run: async () => {
    const folder = mkdtempSync(join(tmpdir(), 'berth-synth-'));
    try {
      const file = join(folder, 'berth.config.yaml');
      writeFileSync(file, settings());
      const args = ['synth', '--quiet', '--output', join(folder, 'cdk.out'), '--context', `settings=${file}`];
      const before = performance.now();
      const { status, stderr } = spawnSync(join(root, 'node_modules', '.bin', 'cdk'), args, {
        cwd: root,
        encoding: 'utf8',
      });
      if (status !== 0) throw new Error(`cdk synth ended with ${status}: ${stderr}`);
      return [atMost('synth', (performance.now() - before) / 1_000, 's', 60)];
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
};
