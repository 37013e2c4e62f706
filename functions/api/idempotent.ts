import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import type { Route } from '../../contracts/routes.ts';
import { BerthError } from '../../core/errors.ts';
import type { PersonRecord } from '../../core/people/people.ts';
import { WriteConflict } from '../../core/ports.ts';
import { fingerprintOf, type IdempotentRequest, recall, remember } from '../../core/workspaces/idempotency.ts';
import type { Alongside } from '../../core/workspaces/store.ts';
import { workspaceView } from '../../core/workspaces/view.ts';
import type { ApiRuntime } from '../runtime.ts';

interface Attempt extends Pick<ApiRuntime, 'rules' | 'appAddress'> {
  route: Route;
  name: string;
  person: PersonRecord;
  event: APIGatewayProxyEventV2;
  request: { params: unknown; body: unknown };
}

/**
 * Runs a route's effect once per `Idempotency-Key`: a repeated request gets the first one's answer, which was written
 * in the same transaction as the effect, so that not even a crash or a race between two makes it happen twice.
 */
export const withIdempotency = async <T>(
  attempt: Attempt,
  effect: (alongside: Alongside) => Promise<T>,
): Promise<T> => {
  const { rules, appAddress } = attempt;
  const request = requestOf(attempt);
  if (request === undefined) return effect(() => []);
  const before = await recall(rules.table, request);
  if (before !== undefined) return before as T;
  try {
    return await effect((workspace) => [
      remember(request, workspaceView(workspace, appAddress, rules.clock(), rules.installation), rules.clock()),
    ]);
  } catch (error) {
    if (!(error instanceof WriteConflict) && !(error instanceof BerthError && error.name === 'name_taken')) throw error;
    const winner = await recall(rules.table, request);
    if (winner === undefined) throw error;
    return winner as T;
  }
};

const requestOf = ({ route, name, person, event, request }: Attempt): IdempotentRequest | undefined => {
  const key = event.headers['idempotency-key'];
  if (route.idempotent !== true || key === undefined) return undefined;
  if (!/^[\x21-\x7e]{1,255}$/.test(key)) {
    throw new BerthError(
      'invalid_request',
      'An Idempotency-Key has 1 to 255 visible ASCII characters. Send such a one.',
      {
        field: 'Idempotency-Key',
      },
    );
  }
  return { personId: person.id, key, fingerprint: fingerprintOf(name, request.params, request.body) };
};
