import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Instance } from '@aws-sdk/client-ec2';
import { agentBundle } from '../../support/processes/agent-bundle.ts';

export interface Machines {
  /** Starts and ends agents so that they match the current machines. */
  sync(): Promise<void>;
  /** The process id of the agent on a workspace's machine. */
  agentOf(workspaceId: string): number | undefined;
  stop(): Promise<void>;
}

export interface MachinesOptions {
  /** Contains a folder per volume. */
  dir: string;
  running(): Promise<Instance[]>;
}

const tagOf = ({ Tags = [] }: Instance, name: string): string | undefined =>
  Tags.find(({ Key }) => Key === name)?.Value;

/** The boot script waits for the same: the lease in the machine's tags, and the volume that they name. */
const homeOf = (instance: Instance): { workspaceId: string; volumeId: string } | undefined => {
  const volumeId = tagOf(instance, 'berth:home-volume');
  const workspaceId = tagOf(instance, 'berth:workspace');
  const isAttached = (instance.BlockDeviceMappings ?? []).some(({ Ebs }) => Ebs?.VolumeId === volumeId);
  return instance.State?.Name === 'running' && isAttached && volumeId && workspaceId
    ? { workspaceId, volumeId }
    : undefined;
};

/** Runs the real agent as a child process for each machine in moto that is running and has its home attached. */
export const startMachines = ({ dir, running }: MachinesOptions): Machines => {
  const agents = new Map<string, { workspaceId: string; child: ChildProcess }>();

  const boot = (
    agentFile: string,
    instanceId: string,
    { workspaceId, volumeId }: { workspaceId: string; volumeId: string },
  ) => {
    const home = join(dir, volumeId);
    mkdirSync(home, { recursive: true });
    const child = spawn(process.execPath, [agentFile], {
      stdio: 'ignore',
      env: {
        PATH: process.env['PATH'],
        HOME: home,
        BERTH_WORKSPACE_ID: workspaceId,
        BERTH_GATEWAY_URL: 'http://127.0.0.1:9',
        BERTH_AGENT_SIGN_ON: 'one-time',
        BERTH_AGENT_TOKEN: 'the-secret-token',
        BERTH_AGENT_DIR: join(dir, `run-${instanceId}`),
      },
    });
    agents.set(instanceId, { workspaceId, child });
  };

  const halt = async (instanceId: string) => {
    const found = agents.get(instanceId);
    agents.delete(instanceId);
    if (found === undefined || found.child.exitCode !== null) return;
    found.child.kill('SIGKILL');
    await once(found.child, 'exit');
  };

  const sync = async () => {
    const agentFile = await agentBundle();
    const ready = new Map(
      (await running()).flatMap((instance) => {
        const home = homeOf(instance);
        return home === undefined ? [] : [[instance.InstanceId ?? '', home] as const];
      }),
    );
    for (const instanceId of [...agents.keys()]) if (!ready.has(instanceId)) await halt(instanceId);
    for (const [instanceId, home] of ready) if (!agents.has(instanceId)) boot(agentFile, instanceId, home);
  };

  let last: Promise<void> = Promise.resolve();
  return {
    sync: () => {
      last = last.then(sync);
      return last;
    },
    agentOf: (workspaceId) => {
      const found = [...agents.values()].find((agent) => agent.workspaceId === workspaceId);
      return found?.child.exitCode === null ? found.child.pid : undefined;
    },
    stop: async () => {
      await last;
      for (const instanceId of [...agents.keys()]) await halt(instanceId);
    },
  };
};
