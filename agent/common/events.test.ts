import { expect, it } from 'vitest';
import { AgentEvent } from '../../contracts/agent/tunnel.ts';
import { EventLog } from './events.ts';

const seqs = (events: AgentEvent[]): number[] => events.map(({ seq }) => seq);

it('numbers events from 1, keeps them for later followers, and passes on new ones', () => {
  const log = new EventLog();
  log.addStep('startup', 'Startup script', 'running');
  log.add({ type: 'log', step: 'startup', text: 'one' });
  const seen: AgentEvent[] = [];
  const stop = log.follow(1, (event) => seen.push(event));
  log.add({ type: 'status', status: 'ready' });
  stop();
  log.add({ type: 'app', app: 'web', health: 'healthy' });
  expect(seqs(seen)).toEqual([2, 3]);
  for (const event of seen) expect(AgentEvent.parse(event)).toEqual(event);
});

it('continues the numbers of events that the gateway has from an earlier agent process', () => {
  const log = new EventLog();
  log.add({ type: 'log', step: 'startup', text: 'again' });
  const seen: AgentEvent[] = [];
  log.follow(7, (event) => seen.push(event));
  log.add({ type: 'status', status: 'ready' });
  expect(seqs(seen)).toEqual([8, 9]);
});

it('drops the oldest of very many events', () => {
  const log = new EventLog();
  for (let flap = 0; flap < 30_000; flap += 1) log.add({ type: 'app', app: 'web', health: 'healthy' });
  const seen: AgentEvent[] = [];
  log.follow(0, (event) => seen.push(event));
  expect(seen.length).toBeLessThanOrEqual(20_000);
  expect(seen.at(-1)?.seq).toBe(30_000);
});

it('truncates a message to the length that the contract allows', () => {
  const log = new EventLog();
  log.addStep('dotfiles', 'Dotfiles', 'failed', 'x'.repeat(1_000));
  log.follow(0, (event) => expect(AgentEvent.safeParse(event).success).toBe(true));
});
