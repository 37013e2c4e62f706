import { describe, expect, it } from 'vitest';
import { BerthError } from '../../../core/errors.ts';
import {
  describeAttempt,
  isCapacityCode,
  isNotFound,
  isTransient,
  noCapacity,
  poolIsFull,
  toComputeError,
} from './errors.ts';

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
  ])('%s is a lack of capacity, and not transient', (name, status) => {
    expect(isCapacityCode(name)).toBe(true);
    expect(isTransient(aws(name, status))).toBe(false);
  });

  it('is a lack of capacity also as the reason of an instance’s state', () => {
    expect(isCapacityCode('Server.InsufficientInstanceCapacity')).toBe(true);
    expect(isCapacityCode('Client.UserInitiatedShutdown')).toBe(false);
  });

  it.each([aws('RequestLimitExceeded', 503), aws('Throttling'), aws('InternalError', 500), aws('TimeoutError')])(
    '$name is transient',
    (error) => expect(isTransient(error)).toBe(true),
  );
  it.each(['ECONNRESET', 'EPIPE', 'ETIMEDOUT'])('%s is transient', (code) => {
    expect(isTransient(network(code))).toBe(true);
  });
  it.each([aws('InvalidParameterValue'), aws('UnauthorizedOperation', 403), new TypeError('a bug')])(
    '$name is not transient',
    (error) => expect(isTransient(error)).toBe(false),
  );

  it('recognizes resources that no longer exist', () => {
    expect(isNotFound(aws('InvalidInstanceID.NotFound'))).toBe(true);
    expect(isNotFound(aws('InvalidVolume.NotFound'))).toBe(true);
    expect(isNotFound(aws('InvalidSubnetID.NotFound'))).toBe(false);
  });
});

describe('errors for people', () => {
  it('lists each attempt once, and at most four', () => {
    const tried = ['a', 'b', 'c', 'd', 'e', 'e'].map((zone) =>
      describeAttempt({ instanceType: 'm7g.large', zone }, 'InsufficientInstanceCapacity'),
    );
    expect(noCapacity('general', tried, undefined).message).toBe(
      'No VM is available in the pool general (m7g.large in a: AWS has no capacity; m7g.large in b: AWS has no capacity; m7g.large in c: AWS has no capacity; m7g.large in d: AWS has no capacity; and 1 more). Try again in a few minutes, or choose another size.',
    );
  });

  it('names the administrator as the remedy for a quota', () => {
    const tried = [describeAttempt({ instanceType: 'm7g.large', zone: 'a' }, 'VcpuLimitExceeded')];
    expect(noCapacity('general', tried, undefined).message).toMatch(
      /quota is used up\)\. Ask your administrator to raise/,
    );
  });

  it('names the zone of the home when the pool has no subnet there', () => {
    expect(noCapacity('general', [], 'eu-central-1c').message).toMatch(
      /has no subnet in eu-central-1c, the zone of the home.*Ask your administrator/,
    );
  });

  it('reports a pool at its cap', () => {
    expect(poolIsFull('general', 3)).toMatchObject({
      name: 'compute_failed',
      message: expect.stringMatching(/^All 3/),
    });
  });

  it('returns errors that did not come from AWS unchanged', () => {
    const own = new BerthError('compute_failed', 'already for people');
    expect(toComputeError(own)).toBe(own);
    const bug = new TypeError('a bug');
    expect(toComputeError(bug)).toBe(bug);
  });

  it.each([
    ['UnauthorizedOperation', /^AWS denied Berth access /, /permissions of Berth’s role\.$/],
    ['VolumeLimitExceeded', /^A quota of the AWS account is used up /, /raise it\.$/],
    ['InvalidParameterValue', /^AWS refused a request for the VM /, /^Start again\./],
  ])('a refusal with %s has the code and the message of AWS in its reason, and a remedy', (code, reason, remedy) => {
    const error = toComputeError(aws(code, 400, 'no such thing'));
    expect(error).toMatchObject({ name: 'compute_failed', remedy: expect.stringMatching(remedy) });
    expect((error as BerthError).reason).toMatch(reason);
    expect((error as BerthError).reason).toContain(`(${code}: no such thing).`);
  });
});
