interface Limit {
  most: number;
  perSecond: number;
}

/** A token bucket. */
export const bucket = ({ most, perSecond }: Limit, now: () => number) => {
  let tokens = most;
  let counted = now();
  const refill = () => {
    tokens = Math.min(most, tokens + (Math.max(0, now() - counted) / 1_000) * perSecond);
    counted = now();
  };
  return {
    /** Takes all of the tokens or none. */
    take: (amount: number): boolean => {
      refill();
      if (tokens < amount) return false;
      tokens -= amount;
      return true;
    },
  };
};

/**
 * https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-throttling.html, an account's defaults in a region. Auto
 * Scaling publishes none: those are assumed.
 */
const requests: Record<string, Limit> = {
  RunInstances: { most: 5, perSecond: 2 },
  StartInstances: { most: 5, perSecond: 2 },
  TerminateInstances: { most: 100, perSecond: 5 },
  CreateVolume: { most: 100, perSecond: 5 },
  CreateTags: { most: 100, perSecond: 10 },
  SetDesiredCapacity: { most: 10, perSecond: 2 },
  PutWarmPool: { most: 10, perSecond: 2 },
  DetachInstances: { most: 10, perSecond: 2 },
  DescribeAutoScalingGroups: { most: 20, perSecond: 5 },
};
const describes = { most: 100, perSecond: 20 };
const unfiltered = { most: 50, perSecond: 10 };
const mutating = { most: 50, perSecond: 5 };

/** Instances, not requests. Those that groups launch count, too. */
export const instanceLimits = {
  launches: { most: 1_000, perSecond: 2 },
  starts: { most: 1_000, perSecond: 2 },
};

export const limitOf = (operation: string, input: Record<string, unknown>): Limit => {
  const given = requests[operation];
  if (given !== undefined) return given;
  if (!operation.startsWith('Describe')) return mutating;
  return Object.values(input).every((value) => value === undefined) ? unfiltered : describes;
};
