import { afterAll, afterEach, beforeAll, describe } from 'vitest';
import { optional } from '../requirements.ts';
import { arriving } from './arriving.ts';
import { chromiumPath } from './browser.ts';
import { forms } from './forms.ts';
import { lists } from './lists.ts';
import { looks } from './looks.ts';
import { people } from './people.ts';
import { TestPortal } from './portal.ts';
import { publishing } from './publishing.ts';
import { rejoining } from './rejoining.ts';
import { safety } from './safety.ts';
import { session } from './session.ts';
import { sharing } from './sharing.ts';
import { speed } from './speed.ts';
import { story } from './story.ts';
import { terminals } from './terminals.ts';

const available = optional(
  'the portal in a browser',
  chromiumPath !== undefined,
  'Install Chromium (apt-get install chromium), or name one in BERTH_CHROMIUM.',
);

/** All in one file, because the parts share one Berth and one Chromium. */
describe.runIf(available)('the portal', () => {
  const portal = new TestPortal();
  beforeAll(() => portal.start(), 120_000);
  afterEach(() => portal.tidy());
  afterAll(() => portal.end());

  for (const part of [
    story,
    arriving,
    forms,
    lists,
    sharing,
    terminals,
    rejoining,
    publishing,
    people,
    session,
    safety,
    speed,
    looks,
  ])
    part(portal);
});
