import { atMost, type Benchmark } from '../measuring/figure.ts';
import { note } from '../measuring/note.ts';
import { median, spread } from '../measuring/percentile.ts';
import { givenServer } from './fixture.ts';
import { httpSender, type Send } from './http-sender.ts';

const workspaces = 10_000;
const perPage = 100;
const edge = 10;
const walks = 5;

/** Milliseconds per page, from the first to the last. */
const walk = async (send: Send): Promise<number[]> => {
  const durations: number[] = [];
  let cursor: string | undefined = '';
  while (cursor !== undefined) {
    const query = new URLSearchParams({ limit: String(perPage), ...(cursor === '' ? {} : { cursor }) });
    const startedAt = performance.now();
    const responseBody = await send('GET', `/api/workspaces?${query}`);
    durations.push(performance.now() - startedAt);
    cursor = (JSON.parse(responseBody) as { next?: string }).next;
  }
  return durations;
};

/** 10,000 workspaces of one person, listed page by page. */
export const pages: Benchmark = {
  name: 'pages',
  run: async () => {
    await using server = await givenServer(workspaces);
    const send = httpSender(server);
    const { length } = await walk(send);
    if (length !== workspaces / perPage) throw new Error(`the list has ${length} pages`);
    const first: number[] = [];
    const last: number[] = [];
    for (let number = 0; number < walks; number++) {
      const durations = await walk(send);
      first.push(...durations.slice(0, edge));
      last.push(...durations.slice(-edge));
    }
    note(
      `pages: ${workspaces} stopped workspaces written into the table, ${perPage} a page, ${walks} walks after one to warm up`,
    );
    note(`the first ${edge} pages, ms: ${spread(first)}; the last ${edge}: ${spread(last)}`);
    return [
      atMost('list-last-pages-to-first', median(last) / median(first), 'ratio', 1.5),
      atMost('list-page-of-100-p50', median([...first, ...last]), 'ms', 15),
    ];
  },
};
