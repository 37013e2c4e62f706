import { describe, inject } from 'vitest';
import { computeContract } from '../../compute/contract.ts';
import { openVmFixture } from './fixture.ts';

const endpoint = inject('moto') ?? '';

describe.runIf(endpoint)('with moto', () => {
  for (const mode of ['ephemeral', 'persistent'] as const) {
    computeContract(`ec2-vm, ${mode}`, async () => {
      const fixture = await openVmFixture(endpoint);
      const { kind, reopen, home, close } = fixture;
      return {
        kind,
        reopen,
        home,
        close,
        listsHomes: false as const,
        spec: { pool: 'general', mode, home: { size: '8Gi' } },
        badSpec: { value: { pool: 'general', mod: mode }, field: 'mod' },
        identity: async (id) => fixture.machines.agentOf(id)?.toString(),
        leftovers: async (id) => [
          ...(await fixture.ofWorkspace(id)).map(({ InstanceId }) => `machine ${InstanceId}`),
          ...(await fixture.volumesOf(id)).map((volume) => `volume ${volume}`),
        ],
      };
    });
  }
});
