import { randomUUID } from 'node:crypto';
import { ApiError } from '../../contracts/client/client.ts';
import type { FaultyBerth } from './faulty-berth.ts';
import type { Random } from './random.ts';

/** A request that got no response. It is repeated with the same idempotency key after the fault. */
export type RepeatableRequest = () => Promise<unknown>;

const names = ['a', 'b', 'c', 'd', 'e', 'f'];

/**
 * Performs a random action of one of several people. A refusal is a valid response; a request without a response goes
 * to `onUnanswered`.
 */
export const performAction = async (
  berth: FaultyBerth,
  random: Random,
  onUnanswered: (repeat: RepeatableRequest) => void,
): Promise<string> => {
  const person = random.one(['ada', 'ada', 'linus', 'linus', 'grace']) ?? 'ada';
  const chosen = random.weighted({
    create: 30,
    start: 20,
    stop: 20,
    delete: 12,
    extend: 6,
    deactivate: 3,
    activate: 9,
  });
  const own = berth.workspaces().filter(({ ownerName, status }) => ownerName === person && status !== 'deleted');
  const found = random.one(own);
  const kind = found === undefined && !chosen.endsWith('activate') ? 'create' : chosen;
  const workspace = found?.id ?? '';
  const key = { idempotencyKey: randomUUID() };
  const params = { workspace };
  const name = random.one(names) ?? 'a';
  const requests: Record<typeof kind, RepeatableRequest> = {
    create: () => berth.as(person).createWorkspace({ body: { name, template: 'faults' } }, key),
    start: () => berth.as(person).startWorkspace({ params, body: {} }, key),
    stop: () => berth.as(person).stopWorkspace({ params }, key),
    delete: () => berth.as(person).deleteWorkspace({ params }),
    extend: () => berth.as(person).extendWorkspace({ params, body: { minutes: 30 } }, key),
    deactivate: () => berth.as('grace').deactivatePerson({ params: { person: 'linus' } }),
    activate: () => berth.as('grace').activatePerson({ params: { person: 'linus' } }),
  };
  const request = requests[kind];
  try {
    await request();
    if (kind.endsWith('activate')) return `grace ${kind} linus`;
    return `${person} ${kind} ${kind === 'create' ? name : found?.name}`;
  } catch (error) {
    if (error instanceof ApiError && error.problem.status < 500) return `${person} ${kind} refused`;
    onUnanswered(request);
    return `${person} ${kind} unanswered`;
  }
};
