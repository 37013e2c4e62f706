import { describe, inject } from 'vitest';
import { computeContract } from '../../compute/contract.ts';
import { openVmWorld } from './fixture.ts';

const endpoint = inject('moto') ?? '';

describe.runIf(endpoint)('with moto', () => {
  for (const mode of ['ephemeral', 'persistent'] as const) {
    computeContract(`ec2-vm, ${mode}`, async () => {
      const world = await openVmWorld(endpoint);
      const { kind, reopen, home, close } = world;
      return {
        kind,
        reopen,
        home,
        close,
        listsHomes: false as const,
        spec: { pool: 'general', mode, home: { size: '8Gi' } },
        badSpec: { value: { pool: 'general', mod: mode }, field: 'mod' },
        identity: async (id) => world.machines.agentOf(id)?.toString(),
        leftovers: async (id) => [
          ...(await world.ofWorkspace(id)).map(({ InstanceId }) => `machine ${InstanceId}`),
          ...(await world.volumesOf(id)).map((volume) => `volume ${volume}`),
        ],
      };
    });
  }
});
