import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { VmSettings } from '../../contracts/settings/vm.ts';
import { resolveExpressions } from '../../core/templates/file/expressions.ts';
import { parseTemplate } from '../../core/templates/file/parse.ts';
import { ec2VmSpec } from './spec.ts';

const pool = {
  name: 'general',
  autoScalingGroup: 'g',
  launchTemplate: { id: 'lt-1', version: '1' },
  instanceTypes: ['m7g.large'],
  subnets: [{ id: 'subnet-a', zone: 'a' }],
  securityGroups: ['sg-1'],
  publicAddress: false,
  architecture: 'arm64',
  cap: 3,
};
const given = (change: object = {}) => ({
  region: 'eu-central-1',
  account: '123456789012',
  installation: 'berth',
  pools: [{ ...pool, ...change }],
});
const spec = ec2VmSpec(VmSettings.parse(given()));

it('applies defaults', () => {
  expect(spec.parse({ pool: 'general' })).toEqual({
    pool: 'general',
    mode: 'ephemeral',
    home: { size: '20Gi', mountPath: '/home/berth' },
    tags: {},
  });
});

it.each([
  ['an unknown pool', { pool: 'huge' }, 'pool', 'Use one of: general'],
  ['a size that the pool does not offer', { pool: 'general', size: 'm7g.metal' }, 'size', 'Use one of: m7g.large'],
  ['a misspelt field', { pool: 'general', mod: 'persistent' }, '', 'mod'],
  ['a fraction of a GiB', { pool: 'general', home: { size: '512Mi' } }, 'home.size', 'whole number of GiB'],
  ['a home in a system folder', { pool: 'general', home: { mountPath: '/etc' } }, 'home.mountPath', 'below'],
  ['a home with ".."', { pool: 'general', home: { mountPath: '/home/../etc' } }, 'home.mountPath', 'below'],
  ['a home with shell syntax', { pool: 'general', home: { mountPath: '/home/$(id)' } }, 'home.mountPath', 'below'],
  ['user data', { pool: 'general', userData: '#!/bin/sh' }, '', 'userData'],
  ['a tag reserved by AWS', { pool: 'general', tags: { 'aws:x': '1' } }, 'tags.aws:x', ''],
  ['a tag reserved by Berth', { pool: 'general', tags: { 'berth:workspace': 'ws-2' } }, 'tags.berth:workspace', ''],
  ['a tag with a line break', { pool: 'general', tags: { team: 'a\nb' } }, 'tags.team', 'character'],
])('refuses %s', (_, value, path, message) => {
  const { error } = spec.safeParse(value);
  const problems = error?.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`) ?? [];
  expect(problems.join('\n')).toContain(`${path}: `);
  expect(problems.join('\n')).toContain(message);
});

it.each([
  ['more spares than the cap', { spares: { running: 2, stopped: 2 } }],
  [
    'a scheduled change to more spares than the cap',
    { spares: { stopped: 2, hours: [{ cron: '0 7 * * *', running: 2 }] } },
  ],
  ['an unknown time zone', { spares: { timezone: 'Mars/Base' } }],
  ['no instance type', { instanceTypes: [] }],
  ['an unknown setting', { capp: 3 }],
])('refuses settings with %s', (_, change) => {
  expect(VmSettings.safeParse(given(change)).success).toBe(false);
});

it('accepts the template that comes with Berth, with any parameters', () => {
  const source = 'templates/ec2/linux/template.yaml';
  const file = parseTemplate(readFileSync(join(import.meta.dirname, '../..', source), 'utf8'), source);
  const workspace = { id: 'ws-1', name: 'demo', owner: 'ada' };
  for (const [keep_machine, mode] of [
    [false, 'ephemeral'],
    [true, 'persistent'],
  ] as const) {
    const parameters = { keep_machine, home_size: '50Gi', dotfiles: '' };
    const resolved = resolveExpressions(file.compute.spec, { parameters, workspace });
    expect(spec.parse(resolved)).toMatchObject({ mode, home: { size: '50Gi' } });
  }
});
