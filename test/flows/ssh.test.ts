import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { optional } from '../requirements.ts';
import { givenBerth, type TestBerth, untilStatus } from '../support/berth.ts';
import { ended, givenMachine, isInstalled, type Machine } from '../support/ssh.ts';

const ready = optional('SSH with OpenSSH’s client', isInstalled('ssh'), 'Install Debian’s openssh-client.');

describe.runIf(ready)('ssh', () => {
  let berth: TestBerth;
  let machine: Machine;
  beforeAll(async () => {
    berth = await givenBerth();
    const { id } = await berth.as('ada').createWorkspace({ body: { name: 'demo', template: 'plain' } });
    await untilStatus(berth.as('ada'), id, 'running');
    machine = givenMachine(berth);
  });
  afterAll(() => berth.end());

  const ssh = (...words: string[]) => ended(machine.ssh('demo.berth', ...words), '');

  test('a command has its three streams and its exit code', async () => {
    expect(await ended(machine.ssh('demo.berth', 'cat; echo apart >&2; exit 7'), 'in\n')).toEqual({
      code: 7,
      out: 'in\n',
      err: 'apart\n',
    });
    expect(await ssh('kill -TERM $$')).toMatchObject({ code: 255 });
  });
});
