import { afterAll, beforeAll, describe } from 'vitest';
import { looks } from './looks.ts';
import { TestPortal } from './portal.ts';

describe('looks', () => {
  const portal = new TestPortal();
  beforeAll(() => portal.start(), 120_000);
  afterAll(() => portal.end());
  looks(portal);
});
