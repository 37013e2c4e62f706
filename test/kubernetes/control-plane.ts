import { type ChildProcess, spawn } from 'node:child_process';
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { Agent } from 'node:https';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { type KubernetesAccess, sendTo } from '../../compute/kubernetes/api/http.ts';
import { freePort } from '../support/free-port.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { controlPlaneBinaries } from './binaries.ts';

export interface ControlPlane {
  /** With all permissions. */
  admin: KubernetesAccess;
  /** In the group `berth`, to which infra/kubernetes/berth.yaml grants permissions. */
  berth: KubernetesAccess;
  /** Without any permission. */
  stranger: KubernetesAccess;
  /** Kills the API server, as a crash would. `startApiServer` starts it again on the same port. */
  stopApiServer(): Promise<void>;
  startApiServer(): Promise<void>;
  close(): Promise<void>;
}

const readyWithinMs = 120_000;

/**
 * Starts etcd, API server, controller manager and scheduler of Kubernetes on free ports of the loopback interface.
 * There is no node.
 */
export const startControlPlane = async (): Promise<ControlPlane> => {
  const programs = controlPlaneBinaries();
  const dir = temporaryFolder();
  const file = (name: string, text: string) => {
    writeFileSync(join(dir, name), text, { mode: 0o600 });
    return join(dir, name);
  };
  const running = new Map<string, ChildProcess>();
  const run = (name: string, program: string, args: string[]): void => {
    const log = openSync(join(dir, `${name}.log`), 'a');
    const child = spawn(program, args, { stdio: ['ignore', log, log], cwd: dir });
    closeSync(log);
    running.set(name, child);
  };
  // Also when the test run is interrupted.
  const endAll = () => {
    for (const child of running.values()) child.kill('SIGKILL');
  };
  process.once('exit', endAll);
  const end = async (name: string, signal: NodeJS.Signals): Promise<void> => {
    const child = running.get(name);
    if (child === undefined) return;
    running.delete(name);
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill(signal);
    await once(child, 'exit');
  };

  const { privateKey, publicKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
  const signingKey = file('service-accounts.key', privateKey);
  const verifyingKey = file('service-accounts.pub', publicKey);
  const tokens = {
    admin: randomBytes(24).toString('hex'),
    berth: randomBytes(24).toString('hex'),
    stranger: randomBytes(24).toString('hex'),
  };
  const tokenFile = file(
    'tokens.csv',
    `${tokens.admin},admin,admin,"system:masters"\n${tokens.berth},berth-steps,berth,"berth"\n${tokens.stranger},stranger,stranger\n`,
  );
  const [etcdPort, peerPort, port] = [await freePort(), await freePort(), await freePort()];
  const endpoint = `https://127.0.0.1:${port}`;
  const kubeconfig = file(
    'kubeconfig.json',
    JSON.stringify({
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [{ name: 'test', cluster: { server: endpoint, 'insecure-skip-tls-verify': true } }],
      users: [{ name: 'admin', user: { token: tokens.admin } }],
      contexts: [{ name: 'test', context: { cluster: 'test', user: 'admin' } }],
      'current-context': 'test',
    }),
  );
  const agent = new Agent({ keepAlive: true, rejectUnauthorized: false });
  const as = (token: string): KubernetesAccess => ({
    endpoint,
    connect: async () => ({ agent, headers: { authorization: `Bearer ${token}` } }),
  });
  const startApiServer = async (): Promise<void> => {
    run('kube-apiserver', programs['kube-apiserver'], [
      `--etcd-servers=http://127.0.0.1:${etcdPort}`,
      `--cert-dir=${dir}`,
      '--bind-address=127.0.0.1',
      `--secure-port=${port}`,
      '--service-cluster-ip-range=10.99.0.0/24',
      '--authorization-mode=RBAC',
      `--token-auth-file=${tokenFile}`,
      '--service-account-issuer=https://kubernetes.default.svc',
      `--service-account-signing-key-file=${signingKey}`,
      `--service-account-key-file=${verifyingKey}`,
      '--shutdown-delay-duration=0s',
    ]);
    const until = Date.now() + readyWithinMs;
    for (;;) {
      const child = running.get('kube-apiserver');
      if (child !== undefined && child.exitCode !== null) {
        throw new Error(
          `kube-apiserver ended:\n${readFileSync(join(dir, 'kube-apiserver.log'), 'utf8').slice(-2_000)}`,
        );
      }
      if (await isReady(as(tokens.admin))) return;
      if (Date.now() > until) throw new Error('kube-apiserver was not ready in time');
      await pause(200);
    }
  };
  const close = async (): Promise<void> => {
    for (const name of ['kube-scheduler', 'kube-controller-manager', 'kube-apiserver', 'etcd'])
      await end(name, 'SIGKILL');
  };

  try {
    run('etcd', 'etcd', [
      `--data-dir=${join(dir, 'etcd')}`,
      `--listen-client-urls=http://127.0.0.1:${etcdPort}`,
      `--advertise-client-urls=http://127.0.0.1:${etcdPort}`,
      `--listen-peer-urls=http://127.0.0.1:${peerPort}`,
      `--initial-advertise-peer-urls=http://127.0.0.1:${peerPort}`,
      `--initial-cluster=default=http://127.0.0.1:${peerPort}`,
      '--unsafe-no-fsync',
    ]);
    await startApiServer();
    run('kube-controller-manager', programs['kube-controller-manager'], [
      `--kubeconfig=${kubeconfig}`,
      `--service-account-private-key-file=${signingKey}`,
      '--leader-elect=false',
      '--secure-port=0',
      // Without a kubelet, nothing renews the node's lease.
      '--controllers=*,-node-lifecycle-controller,-taint-eviction-controller',
    ]);
    run('kube-scheduler', programs['kube-scheduler'], [
      `--kubeconfig=${kubeconfig}`,
      '--leader-elect=false',
      '--secure-port=0',
    ]);
  } catch (error) {
    await close();
    throw error;
  }
  return {
    admin: as(tokens.admin),
    berth: as(tokens.berth),
    stranger: as(tokens.stranger),
    stopApiServer: () => end('kube-apiserver', 'SIGKILL'),
    startApiServer,
    close: async () => {
      agent.destroy();
      await close();
    },
  };
};

/** Whether the API server is up and has written its initial objects, such as the cluster's roles. */
const isReady = async (access: KubernetesAccess): Promise<boolean> => {
  try {
    return (await sendTo(access, 2_000)({ method: 'GET', path: '/readyz' })).status === 200;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === undefined) throw error;
    return false;
  }
};
