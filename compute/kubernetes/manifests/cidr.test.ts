import { expect, test } from 'vitest';
import { contains } from './cidr.ts';

test.each([
  ['0.0.0.0/0', '169.254.169.254/32', true],
  ['10.0.0.0/8', '10.0.0.0/8', true],
  ['10.0.0.0/16', '10.0.0.0/8', false],
  ['10.1.0.0/16', '10.2.0.0/24', false],
  ['::/0', '10.0.0.0/8', false],
  ['fc00::/7', 'fd00:ec2::254/128', true],
])('%s contains %s: %s', (outer, inner, expected) => {
  expect(contains(outer, inner)).toBe(expected);
});
