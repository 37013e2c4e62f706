import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

const module = join(import.meta.dirname, 'control-plane');

const kubernetesVersion = ((): string => {
  const version = /\tk8s\.io\/kubernetes (v[\d.]+)/.exec(readFileSync(join(module, 'go.mod'), 'utf8'))?.[1];
  if (version === undefined) throw new Error('test/kubernetes/control-plane/go.mod does not require k8s.io/kubernetes');
  return version;
})();

const programs = ['kube-apiserver', 'kube-controller-manager', 'kube-scheduler'] as const;

/**
 * Builds the programs of the control plane from their Go module, once per version, into the user's cache. Takes ten to
 * twenty minutes on two cores; with optimization it would take twice as long.
 */
export const controlPlaneBinaries = (): Record<(typeof programs)[number], string> => {
  const cache = process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache');
  const folder = join(cache, 'berth', `kubernetes-${kubernetesVersion.slice(1)}`);
  const paths = Object.fromEntries(programs.map((name) => [name, join(folder, name)]));
  if (Object.values(paths).every(existsSync)) return paths as Record<(typeof programs)[number], string>;
  process.stdout.write(`Building Kubernetes ${kubernetesVersion} into ${folder}, once: ten to twenty minutes …\n`);
  const building = `${folder}.building`;
  rmSync(building, { recursive: true, force: true });
  mkdirSync(building, { recursive: true });
  const [major, minor] = kubernetesVersion.slice(1).split('.');
  const stamp = (name: string, value: string | undefined) => `-X k8s.io/component-base/version.${name}=${value}`;
  const ldflags = ['-s -w', stamp('gitVersion', kubernetesVersion), stamp('gitMajor', major), stamp('gitMinor', minor)];
  const flags = ['-mod=readonly', '-trimpath', '-gcflags=all=-N -l', `-ldflags=${ldflags.join(' ')}`];
  execFileSync('go', ['build', ...flags, '-o', `${building}/`, 'tool'], { cwd: module, stdio: 'inherit' });
  rmSync(folder, { recursive: true, force: true });
  renameSync(building, folder);
  return paths as Record<(typeof programs)[number], string>;
};
