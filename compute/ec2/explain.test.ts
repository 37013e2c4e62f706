import { describe, expect, it } from 'vitest';
import { BerthError } from '../../core/errors.ts';
import { explain, isCapacityCode, isGone, isPassing, noCapacity, poolIsFull, triedInWords } from './explain.ts';

const aws = (name: string, httpStatusCode = 400, message = name) =>
  Object.assign(new Error(message), { name, $metadata: { httpStatusCode } });
const network = (code: string) => Object.assign(new Error(code), { code });

describe('an error of AWS', () => {
  it.each([
    ['InsufficientInstanceCapacity', 500],
    ['VcpuLimitExceeded', 400],
    ['MaxSpotInstanceCountExceeded', 400],
    ['InsufficientFreeAddressesInSubnet', 400],
    ['Unsupported', 400],
  ])('%s is for want of capacity, and not passing', (name, status) => {
    expect(isCapacityCode(name)).toBe(true);
    expect(isPassing(aws(name, status))).toBe(false);
  });

  it('is for want of capacity also where it is the reason of a state', () => {
    expect(isCapacityCode('Server.InsufficientInstanceCapacity')).toBe(true);
    expect(isCapacityCode('Client.UserInitiatedShutdown')).toBe(false);
  });

  it.each([aws('RequestLimitExceeded', 503), aws('Throttling'), aws('InternalError', 500), aws('TimeoutError')])(
    '$name is tried again',
    (error) => expect(isPassing(error)).toBe(true),
  );
  it.each(['ECONNRESET', 'EPIPE', 'ETIMEDOUT'])('%s is tried again', (code) => {
    expect(isPassing(network(code))).toBe(true);
  });
  it.each([aws('InvalidParameterValue'), aws('UnauthorizedOperation', 403), new TypeError('of our own')])(
    '$name is not tried again',
    (error) => expect(isPassing(error)).toBe(false),
  );

  it('knows what is gone', () => {
    expect(isGone(aws('InvalidInstanceID.NotFound'))).toBe(true);
    expect(isGone(aws('InvalidVolume.NotFound'))).toBe(true);
    expect(isGone(aws('InvalidSubnetID.NotFound'))).toBe(false);
  });
});

describe('a failure in words', () => {
  it('tells each way once, and not all of many', () => {
    const tried = ['a', 'b', 'c', 'd', 'e', 'e'].map((zone) =>
      triedInWords({ instanceType: 'm7g.large', zone }, 'InsufficientInstanceCapacity'),
    );
    expect(noCapacity('general', tried, undefined).message).toBe(
      'There is no VM to be had in the pool general (m7g.large in a: AWS has none left; m7g.large in b: AWS has none left; m7g.large in c: AWS has none left; m7g.large in d: AWS has none left; and 1 more). Try again in some minutes, or choose another size.',
    );
  });

  it('names who can help with a quota', () => {
    const tried = [triedInWords({ instanceType: 'm7g.large', zone: 'a' }, 'VcpuLimitExceeded')];
    expect(noCapacity('general', tried, undefined).message).toMatch(
      /quota is used up\)\. Ask your administrator to raise/,
    );
  });

  it('says where the home is when its pool has no way there', () => {
    expect(noCapacity('general', [], 'eu-central-1c').message).toMatch(
      /has no subnet in eu-central-1c, where the home is.*Ask your administrator/,
    );
  });

  it('says that a pool is full', () => {
    expect(poolIsFull('general', 3)).toMatchObject({
      name: 'compute_failed',
      message: expect.stringMatching(/^All 3/),
    });
  });

  it('leaves what AWS did not say as it is', () => {
    const own = new BerthError('compute_failed', 'said already');
    expect(explain(own)).toBe(own);
    const bug = new TypeError('a fault');
    expect(explain(bug)).toBe(bug);
    expect(explain(aws('InvalidParameterValue', 400, 'no such thing'))).toMatchObject({
      name: 'compute_failed',
      message: expect.stringMatching(/\(InvalidParameterValue: no such thing\)\.$/),
    });
  });
});
