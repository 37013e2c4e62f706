import { ListServiceQuotasCommand } from '@aws-sdk/client-service-quotas';
import { ok, type Verdict, warn } from '../../../contracts/doctor.ts';
import { type Check, type Context, unlessAbsent } from '../context/check.ts';

/** A request rate of EC2: a token bucket with a size and a refill rate. */
interface Rate {
  what: string;
  /** The bucket's size. */
  burst: number;
  perSecond: number;
  /** The tokens that one start takes. */
  perStart: number;
}

/**
 * The request rates that starts of VMs use, with AWS's documented defaults for an account and region; Service Quotas
 * does not list them. A call that launches many instances takes a token for each.
 * https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-throttling.html
 */
const ec2: Rate[] = [
  { what: 'launches of instances', burst: 1_000, perSecond: 2, perStart: 1 },
  { what: 'CreateVolume', burst: 100, perSecond: 5, perStart: 1 },
  { what: 'AttachVolume', burst: 50, perSecond: 5, perStart: 1 },
  { what: 'CreateTags', burst: 100, perSecond: 10, perStart: 1 },
];

/** Returns the seconds until this many simultaneous starts have had their tokens. */
const secondsFor = (starts: number, { burst, perSecond, perStart }: Rate): number =>
  Math.max(0, Math.ceil((starts * perStart - burst) / perSecond));

/** Ten minutes until everybody's workspace has started is acceptable. */
const acceptableSeconds = 600;

/** Judges how long all VMs of the pools take to start if they start at once. */
export const startOfAll = (machines: number): Verdict => {
  const [slowest] = ec2
    .map((rate) => ({ ...rate, seconds: secondsFor(machines, rate) }))
    .sort((a, b) => b.seconds - a.seconds);
  if (slowest === undefined || slowest.seconds === 0) return ok(`All ${machines} VMs of the pools can start at once.`);
  const minutes = Math.ceil(slowest.seconds / 60);
  const summary = `If all ${machines} VMs of the pools start at once, it takes about ${minutes} min: EC2 allows a burst of ${slowest.burst} ${slowest.what}, then ${slowest.perSecond} per second.`;
  return slowest.seconds <= acceptableSeconds
    ? ok(summary)
    : warn(
        summary,
        'Ask AWS Support to raise the EC2 request rates in this region, or spread autostarts over the morning.',
      );
};

interface Quota {
  service: string;
  name: RegExp;
  what: string;
  /** AWS's documented default for most regions. */
  usual: number;
  /** What this many starts need per second. */
  needs: (starts: number) => number;
}

/** Assumes that everybody signs in and starts a workspace within ten minutes. */
const perSecondOf = (starts: number): number => starts / 600;

/** A start that takes some minutes beside many others polls its compute, and each poll and wait is a transition. */
const transitionsPerStart = 60;

export const quotasPerSecond: Quota[] = [
  {
    service: 'cognito-idp',
    name: /UserFederation/i,
    what: 'sign-ins through the identity provider (Cognito UserFederation)',
    usual: 25,
    needs: perSecondOf,
  },
  {
    service: 'states',
    name: /StartExecution.*refill/i,
    what: 'workflow starts (Step Functions StartExecution)',
    usual: 150,
    needs: (starts) => starts / 60,
  },
  {
    service: 'states',
    name: /StateTransition.*refill/i,
    what: 'workflow transitions (Step Functions StateTransition)',
    usual: 500,
    needs: (starts) => perSecondOf(starts) * transitionsPerStart,
  },
];

export const judgeRate = ({ what, needs }: Quota, starts: number, value: number): Verdict => {
  const needed = Math.ceil(needs(starts));
  const summary = `The account allows ${value} ${what} per second; ${starts} starts in one morning need ${needed}.`;
  return needed <= value
    ? ok(summary)
    : warn(summary, 'Request an increase in the Service Quotas console of this region.');
};

/** Returns the account's value, or AWS's documented default if Service Quotas does not list it. */
const perSecondIn = async ({ aws }: Context, { service: ServiceCode, name, usual }: Quota): Promise<number> => {
  let NextToken: string | undefined;
  do {
    const request = aws.servicequotas.send(new ListServiceQuotasCommand({ ServiceCode, NextToken }));
    const page = await unlessAbsent(['NoSuchResourceException'], request);
    if (page === undefined) return usual;
    const found = (page.Quotas ?? []).find(({ QuotaName = '' }) => name.test(QuotaName));
    if (found?.Value !== undefined) return found.Value;
    NextToken = page.NextToken;
  } while (NextToken !== undefined);
  return usual;
};

export const rates: Check = {
  name: 'quotas',
  when: 'before',
  queries: 'aws',
  run: async (context) => {
    const machines = context.settings.vmPools.reduce((sum, { cap }) => sum + cap, 0);
    if (machines === 0) return [];
    const verdicts = quotasPerSecond.map(async (quota) =>
      judgeRate(quota, machines, await perSecondIn(context, quota)),
    );
    return [startOfAll(machines), ...(await Promise.all(verdicts))];
  },
};
