import { expect, test } from 'vitest';
import { openSqliteTable } from '../../../adapters/table/sqlite/table.ts';
import { VmSettings } from '../../../contracts/settings/vm.ts';
import { tagNames } from '../aws/tags.ts';
import type { Ec2VmOptions } from '../context.ts';
import { ec2VmPools } from './pools.ts';

const workspaceId = 'ws-01jd000000000000000000000a';

const pool = {
  name: 'general',
  autoScalingGroup: 'general',
  launchTemplate: { id: 'lt-1', version: '1' },
  instanceTypes: ['m7g.large'],
  subnets: [{ id: 'subnet-a', zone: 'eu-central-1a' }],
  securityGroups: ['sg-1'],
  publicAddress: false,
  architecture: 'arm64',
  cap: 10,
  spares: { running: 0 },
};

test('the instance of an unreadable record is not taken for an orphan', async () => {
  const sent: string[] = [];
  const instance = {
    InstanceId: 'i-1',
    State: { Name: 'running' },
    Tags: [{ Key: tagNames.workspace, Value: workspaceId }],
  };
  const send = async (command: object) => {
    sent.push(command.constructor.name);
    return { Reservations: [{ Instances: [instance] }] };
  };
  const table = openSqliteTable(':memory:');
  const pools = ec2VmPools({
    ec2: { send } as unknown as Ec2VmOptions['ec2'],
    autoScaling: { send } as unknown as Ec2VmOptions['autoScaling'],
    table,
    settings: VmSettings.parse({
      region: 'eu-central-1',
      account: '123456789012',
      installation: 'test',
      pools: [pool],
    }),
    clock: () => new Date('2026-11-30T06:00:00.000Z'),
  });
  const key = { pk: `vm#${workspaceId}`, sk: 'vm' };
  const record = { workspaceId, build: { id: `${workspaceId}-1`, number: 1 }, pool: 'general', revision: 1 };

  for (const unreadable of [
    { ...record, state: 'leased', schema: 2 },
    { ...record, leaseState: 'leased' },
  ]) {
    await table.write([{ put: { ...key, ...unreadable } }]);
    const page = await pools.collectGarbage();
    expect(page.collected).toEqual([]);
    expect(page.failures).toMatchObject([{ name: 'internal', message: expect.stringContaining('vm') }]);
  }
  expect(sent).not.toContain('TerminateInstancesCommand');

  await table.write([{ delete: key }]);
  expect((await pools.collectGarbage()).collected).toMatchObject([{ what: 'terminated', id: 'i-1' }]);
  expect(sent).toContain('TerminateInstancesCommand');
  table.close();
});
