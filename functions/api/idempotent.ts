import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { BerthError } from '../../core/errors.ts';
import type { PersonRecord } from '../../core/people/person-record.ts';
import { type Change, WriteConflict } from '../../core/ports/table.ts';
import type { Rules } from '../../core/rules.ts';
import { fingerprintOf, type IdempotentRequest, recall, remember } from '../../core/workspaces/commands/idempotency.ts';

/** The response of an idempotent route. Only `Once` makes one, so a handler that does not use it does not compile. */
class StoredResponse<Body> {
  readonly #body: Body;
  constructor(body: Body) {
    this.#body = body;
  }
  get body(): Body {
    return this.#body;
  }
}

export type { StoredResponse };

/**
 * Returns the change that stores the response. It belongs into the transaction of the effect, which wrote `written`.
 */
type Alongside<Written> = (written: Written) => Change[];

/** An effect that takes no `alongside` cannot put it into its transaction. */
type TakesAlongside<Effect extends (...parameters: never[]) => unknown> =
  Parameters<Effect> extends [] ? never : Effect;

/**
 * Runs an effect once per `Idempotency-Key`. A repeated request gets the first one's response, which was written in the
 * transaction of the effect: neither a crash nor a race between two requests makes the effect happen twice.
 */
export type Once<Body> = <Written, Effect extends (alongside: Alongside<Written>) => Promise<Written>>(
  responseOf: (written: Written) => Body,
  effect: TakesAlongside<Effect> & Effect,
) => Promise<StoredResponse<Body>>;

interface Attempt {
  rules: Pick<Rules, 'table' | 'clock'>;
  name: string;
  person: Pick<PersonRecord, 'id'>;
  event: Pick<APIGatewayProxyEventV2, 'headers'>;
  request: { params: unknown; body: unknown };
}

export const onceFor =
  <Body>(attempt: Attempt): Once<Body> =>
  async (responseOf, effect) => {
    const request = requestOf(attempt);
    return new StoredResponse(
      request === undefined
        ? await withoutKey(responseOf, effect)
        : await withKey(attempt.rules, request, responseOf, effect),
    );
  };

/** The response body of a handler's result, stored or not. */
export const bodyOf = (result: unknown): unknown => (result instanceof StoredResponse ? result.body : result);

type Effect<Written> = (alongside: Alongside<Written>) => Promise<Written>;

/** Also fails without a key, so that any test of a route notices an effect that drops `alongside`. */
const isDropped = () => new TypeError('an idempotent effect did not include `alongside` in its transaction');

const withoutKey = async <Written, Body>(responseOf: (written: Written) => Body, effect: Effect<Written>) => {
  let used = false;
  const written = await effect(() => {
    used = true;
    return [];
  });
  if (!used) throw isDropped();
  return responseOf(written);
};

const withKey = async <Written, Body>(
  { table, clock }: Attempt['rules'],
  request: IdempotentRequest,
  responseOf: (written: Written) => Body,
  effect: Effect<Written>,
): Promise<Body> => {
  const before = await recall(table, request);
  if (before !== undefined) return before as Body;
  // The response is the stored one: computed at another moment it may differ in a time that depends on the clock.
  let stored: { body: Body } | undefined;
  try {
    await effect((written) => {
      stored = { body: responseOf(written) };
      return [remember(request, stored.body, clock())];
    });
  } catch (error) {
    if (!(error instanceof WriteConflict) && !(error instanceof BerthError && error.name === 'name_taken')) throw error;
    const winner = await recall(table, request);
    if (winner === undefined) throw error;
    return winner as Body;
  }
  if (stored === undefined) throw isDropped();
  return stored.body;
};

const requestOf = ({ name, person, event, request }: Attempt): IdempotentRequest | undefined => {
  const key = event.headers['idempotency-key'];
  if (key === undefined) return undefined;
  if (!/^[\x21-\x7e]{1,255}$/.test(key)) {
    throw new BerthError(
      'invalid_request',
      'An Idempotency-Key has 1 to 255 visible ASCII characters. Send another key.',
      { field: 'Idempotency-Key' },
    );
  }
  return { personId: person.id, key, fingerprint: fingerprintOf(name, request.params, request.body) };
};
