import { BerthError } from '../../core/errors.ts';

interface ServiceError extends Error {
  $metadata?: { httpStatusCode?: number };
  $retryable?: unknown;
  code?: string;
}

/** The name by which AWS, or the network on the way to it, calls an error. */
export const codeOf = (error: unknown): string => {
  const { name, code } = error as ServiceError;
  return name === 'Error' && code !== undefined ? code : name;
};

/** Another instance type or zone may have what this one has not. EC2 answers some of these with a 500. */
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
/** `Server.InsufficientInstanceCapacity` is how an instance that came to nothing gives the reason. */
export const isCapacityCode = (code: string): boolean => capacityCodes.has(code.replace(/^(Server|Client)\./, ''));

export const isGone = (error: unknown): boolean => /^Invalid(InstanceID|Volume)\.NotFound$/.test(codeOf(error));

const passing =
  /^(RequestLimitExceeded|Throttling(Exception)?|ThrottledException|TooManyRequests(Exception)?|EC2ThrottledException|SlowDown|ServiceUnavailable|Unavailable|InternalError|InternalFailure|TimeoutError|RequestTimeout|ECONN\w+|EPIPE|ETIMEDOUT|EAI_AGAIN|ENOTFOUND|ScalingActivityInProgress|ResourceContention|.*RequestIdempotent.*)$/;

/** An error that may be over when it is tried again. */
export const isPassing = (error: unknown): boolean => {
  if (!(error instanceof Error) || error instanceof BerthError || isCapacityCode(codeOf(error))) return false;
  const { $metadata, $retryable } = error as ServiceError;
  return passing.test(codeOf(error)) || $retryable !== undefined || ($metadata?.httpStatusCode ?? 0) >= 500;
};

const reasons: [RegExp, string][] = [
  [/Insufficient(Instance|Host)?Capacity$/, 'AWS has none left'],
  [/VcpuLimitExceeded$|InstanceLimitExceeded$/, 'the account’s quota is used up'],
  [/MaxSpotInstanceCount/, 'the account’s quota of spot instances is used up'],
  [/InsufficientFreeAddressesInSubnet$/, 'the subnet has no free address'],
  [/InsufficientVolumeCapacity$/, 'AWS has no room for its disk'],
  [/Unsupported/, 'the zone does not offer it'],
];
const wordsFor = (code: string): string => reasons.find(([pattern]) => pattern.test(code))?.[1] ?? code;

/** One way that was tried, as the failure tells it. */
export const triedInWords = ({ instanceType, zone }: { instanceType: string; zone: string }, code: string): string =>
  `${instanceType} in ${zone}: ${wordsFor(code)}`;

const remedies: [RegExp, string][] = [
  [/quota/, 'Ask your administrator to raise the EC2 quota, or stop another VM.'],
  [/free address/, 'Ask your administrator for larger subnets.'],
];

/** No way is left to get a machine. */
export const noCapacity = (pool: string, tried: readonly string[], homeZone: string | undefined): BerthError => {
  if (tried.length === 0) {
    return new BerthError(
      'compute_failed',
      `The pool ${pool} has no subnet in ${homeZone}, where the home is. Ask your administrator to add one.`,
    );
  }
  const told = [...new Set(tried)];
  const listed = told.slice(0, 4).join('; ') + (told.length > 4 ? `; and ${told.length - 4} more` : '');
  const bound = homeZone === undefined ? '' : ` The home is in ${homeZone}, so no other zone was tried.`;
  const remedy = remedies.find(([pattern]) => told.every((line) => pattern.test(line)))?.[1];
  const what = remedy ?? 'Try again in some minutes, or choose another size.';
  return new BerthError('compute_failed', `There is no VM to be had in the pool ${pool} (${listed}).${bound} ${what}`);
};

export const poolIsFull = (pool: string, cap: number): BerthError =>
  new BerthError(
    'compute_failed',
    `All ${cap} VMs of the pool ${pool} are taken. Stop or delete one that is not needed, or ask your administrator to raise the pool's cap.`,
  );

const denied = /^(UnauthorizedOperation|AccessDenied(Exception)?|AuthFailure|ExpiredToken|InvalidClientTokenId)$/;
const quotas = /^(VolumeLimitExceeded|MaxIOPSLimitExceeded|TagLimitExceeded|AttachmentLimitExceeded)$/;

/** Anything else that AWS refused, as a person is told it. What is no answer of AWS is passed on as it is. */
export const explain = (error: unknown): unknown => {
  if (error instanceof BerthError || !(error instanceof Error) || !('$metadata' in error)) return error;
  const code = codeOf(error);
  const said = error.message.replaceAll(/\s*Encoded authorization failure message: \S+/g, '').slice(0, 300);
  const what = denied.test(code)
    ? 'AWS does not let Berth do this. Ask your administrator to check the permissions of Berth’s role'
    : quotas.test(code)
      ? 'A quota of the AWS account is used up. Ask your administrator to raise it'
      : 'AWS refused what the VM needs. Start again; if it stays, show this to your administrator';
  return new BerthError('compute_failed', `${what} (${code}: ${said}).`, { cause: error });
};
