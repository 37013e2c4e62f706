import { BerthError } from '../../../core/errors.ts';

interface ServiceError extends Error {
  $metadata?: { httpStatusCode?: number };
  $retryable?: unknown;
  code?: string;
}

/** The error code of AWS, or of the network in between. */
export const errorCode = (error: unknown): string => {
  const { name, code } = error as ServiceError;
  return name === 'Error' && code !== undefined ? code : name;
};

/** Another instance type or zone may have capacity. EC2 returns some of these with status 500. */
const capacityCodes = new Set([
  'InsufficientInstanceCapacity',
  'InsufficientHostCapacity',
  'InsufficientCapacity',
  'InsufficientFreeAddressesInSubnet',
  'InsufficientVolumeCapacity',
  'InstanceLimitExceeded',
  'MaxSpotInstanceCountExceeded',
  'MaxSpotInstanceCount',
  'ReservationCapacityExceeded',
  'SpotMaxPriceTooLow',
  'Unsupported',
  'UnsupportedOperation',
  'VcpuLimitExceeded',
]);
/** Also accepts the form of an instance's state reason, for example `Server.InsufficientInstanceCapacity`. */
export const isCapacityCode = (code: string): boolean => capacityCodes.has(code.replace(/^(Server|Client)\./, ''));

export const isNotFound = (error: unknown): boolean => /^Invalid(InstanceID|Volume)\.NotFound$/.test(errorCode(error));

const transientCodes =
  /^(RequestLimitExceeded|Throttling(Exception)?|ThrottledException|TooManyRequests(Exception)?|EC2ThrottledException|SlowDown|ServiceUnavailable|Unavailable|InternalError|InternalFailure|TimeoutError|RequestTimeout|ECONN\w+|EPIPE|ETIMEDOUT|EAI_AGAIN|ENOTFOUND|ScalingActivityInProgress|ResourceContention|.*RequestIdempotent.*)$/;

/** Whether AWS responded with this error, as opposed to a network or programming error. */
export const isAwsError = (error: unknown): boolean => error instanceof Error && '$metadata' in error;

/** Whether a retry may succeed. */
export const isTransient = (error: unknown): boolean => {
  if (!(error instanceof Error) || error instanceof BerthError || isCapacityCode(errorCode(error))) return false;
  const { $metadata, $retryable } = error as ServiceError;
  return transientCodes.test(errorCode(error)) || $retryable !== undefined || ($metadata?.httpStatusCode ?? 0) >= 500;
};

const reasons: [RegExp, string][] = [
  [/Insufficient(Instance|Host)?Capacity$/, 'AWS has no capacity'],
  [/VcpuLimitExceeded$|InstanceLimitExceeded$/, 'the account’s quota is used up'],
  [/MaxSpotInstanceCount/, 'the account’s quota for Spot Instances is used up'],
  [/InsufficientFreeAddressesInSubnet$/, 'the subnet has no free IP address'],
  [/InsufficientVolumeCapacity$/, 'AWS has no capacity for its disk'],
  [/Unsupported/, 'the zone does not offer it'],
];
const reasonFor = (code: string): string => reasons.find(([pattern]) => pattern.test(code))?.[1] ?? code;

/** One launch attempt, as the error message lists it. */
export const describeAttempt = ({ instanceType, zone }: { instanceType: string; zone: string }, code: string): string =>
  `${instanceType} in ${zone}: ${reasonFor(code)}`;

const remedies: [RegExp, string][] = [
  [/quota/, 'Ask your administrator to raise the EC2 quota, or stop another VM.'],
  [/free IP address/, 'Ask your administrator for larger subnets.'],
];

/** Every launch option was tried. */
export const noCapacity = (pool: string, tried: readonly string[], homeZone: string | undefined): BerthError => {
  if (tried.length === 0) {
    return new BerthError('compute_failed', `The pool ${pool} has no subnet in ${homeZone}, the zone of the home.`, {
      remedy: 'Ask your administrator to add one.',
    });
  }
  const attempts = [...new Set(tried)];
  const listed = attempts.slice(0, 4).join('; ') + (attempts.length > 4 ? `; and ${attempts.length - 4} more` : '');
  const zoneNote = homeZone === undefined ? '' : ` The home is in ${homeZone}, so no other zone was tried.`;
  const remedy = remedies.find(([pattern]) => attempts.every((line) => pattern.test(line)))?.[1];
  return new BerthError('compute_failed', `No VM is available in the pool ${pool} (${listed}).${zoneNote}`, {
    remedy: remedy ?? 'Try again in a few minutes, or choose another size.',
  });
};

export const poolIsFull = (pool: string, cap: number): BerthError =>
  new BerthError('compute_failed', `All ${cap} VMs of the pool ${pool} are in use.`, {
    remedy: "Stop or delete a workspace that you do not need, or ask your administrator to raise the pool's cap.",
  });

const denied = /^(UnauthorizedOperation|AccessDenied(Exception)?|AuthFailure|ExpiredToken|InvalidClientTokenId)$/;
const quotas = /^(VolumeLimitExceeded|MaxIOPSLimitExceeded|TagLimitExceeded|AttachmentLimitExceeded)$/;

const refusalFor = (code: string): { what: string; remedy: string } => {
  if (denied.test(code)) {
    return {
      what: 'AWS denied Berth access',
      remedy: 'Ask your administrator to check the permissions of Berth’s role.',
    };
  }
  if (quotas.test(code)) {
    return { what: 'A quota of the AWS account is used up', remedy: 'Ask your administrator to raise it.' };
  }
  return {
    what: 'AWS refused a request for the VM',
    remedy: 'Start again. If the problem persists, contact your administrator.',
  };
};

/** Turns any other refusal by AWS into an error for people. Returns errors that did not come from AWS unchanged. */
export const toComputeError = (error: unknown): unknown => {
  if (error instanceof BerthError || !(error instanceof Error) || !isAwsError(error)) return error;
  const code = errorCode(error);
  const message = error.message.replaceAll(/\s*Encoded authorization failure message: \S+/g, '').slice(0, 300);
  const { what, remedy } = refusalFor(code);
  return new BerthError('compute_failed', `${what} (${code}: ${message}).`, { remedy, cause: error });
};
