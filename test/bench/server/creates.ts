import { atLeast, type Benchmark } from '../measuring/figure.ts';
import { allOf } from '../measuring/load.ts';
import { note } from '../measuring/note.ts';
import { givenServer } from './fixture.ts';
import { httpSender } from './http-sender.ts';

const count = 1_500;
const atOnce = 20;

/** How many creates per second are accepted, with everything that follows from each except a process. */
export const creates: Benchmark = {
  name: 'creates',
  run: async () => {
    await using server = await givenServer();
    const send = httpSender(server);
    const create = (number: number) => send('POST', '/api/workspaces', { name: `w-${number}`, template: 'idle' });
    const seconds = await allOf(count, atOnce, create);
    note(`creates: ${count} by one person, ${atOnce} at once, returned 201 in ${seconds.toFixed(1)} s`);
    note('each begins its workflow; its compute is the kind "skeleton", which starts no process');
    return [atLeast('creates-accepted', count / seconds, 'creates/s', 300)];
  },
};
