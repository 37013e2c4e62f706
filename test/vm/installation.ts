import { ec2Identity } from '../../adapters/agent-identity/ec2.ts';
import { createLeaseStore } from '../../compute/ec2/leases/lease-store.ts';
import type { VmRecord } from '../../compute/ec2/leases/vm-record.ts';
import { loadWorkspace } from '../../core/workspaces/store.ts';
import { dialOf, givenInstallation, putRunning } from '../../gateway/testing/replicas.ts';
import { Session } from '../../gateway/testing/session.ts';
import { account, awsCertificate, region } from './metadata.ts';

const template = `
name: app
compute: { kind: process }
agent:
  startup: 'echo "started as $(id -un) in $PWD" >> started.log'
`;

/**
 * An installation whose gateway authenticates VMs by their identity documents, with a workspace that counts as running.
 */
export const givenVmInstallation = async () => {
  const ec2 = ec2Identity({ account, region, certificates: [awsCertificate] });
  const installation = await givenInstallation(template, { ec2 });
  const { table, rules } = installation;
  const replica = await installation.givenReplica();
  const { id, build } = await putRunning(installation, 'demo');
  const leases = createLeaseStore(table, rules.clock);
  const now = new Date().toISOString();
  let record: VmRecord = {
    workspaceId: id,
    build,
    pool: 'standard',
    mode: 'ephemeral',
    state: 'leased',
    since: now,
    begun: now,
    revision: 0,
  };

  /** Runs a command in the workspace through the gateway, and returns its output. */
  const exec = async (...command: string[]): Promise<string> => {
    const opened = await dialOf(installation, replica, id);
    if (!('socket' in opened)) throw new Error(`refused: ${opened.status} ${opened.body}`);
    const session = new Session(opened.socket);
    session.send({ type: 'start', command });
    await session.exit(60_000).toBeDefined();
    return session.text().trim();
  };

  return {
    id,
    port: replica.port,
    exec,
    /** Leases an instance to the workspace, and ends its lease of a previous one. */
    lease: async (instanceId: string): Promise<void> => {
      const machine = { instanceId, instanceType: 't3.small', zone: `${region}a` };
      const isSame = record.machine?.instanceId === instanceId;
      const saved = await leases.save(
        { ...record, machine },
        isSame ? { renew: machine } : { lease: machine, end: record.machine },
      );
      if (typeof saved === 'string') throw new Error(`the lease was lost: ${saved}`);
      record = saved;
    },
    /** As the portal shows it. */
    agentStatus: async () => (await loadWorkspace(table, id))?.agent?.status,
  };
};
