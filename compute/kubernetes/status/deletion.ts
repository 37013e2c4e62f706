import type { V1ObjectMeta } from '@kubernetes/client-node';
import { BerthError } from '../../../core/errors.ts';
import type { Progress } from '../../../core/ports/compute-kind.ts';
import { again, settled } from '../../progress.ts';
import { type ResourceName, resourceNames } from '../api/resources.ts';
import { epochOf } from './pod-state.ts';

/** An object whose deletion was requested. */
interface Terminating {
  metadata?: V1ObjectMeta;
}

const minPauseMs = 400;
const maxPauseMs = 60_000;
/**
 * When the reason for a slow deletion is shown, and when the wait fails: long after the longest grace period (5 min)
 * and after the pod of a lost node was force-deleted.
 */
const explainAfterMs = 60_000;
const timeoutMs = 30 * 60_000;

/** When the deletion was requested: a pod's deletion timestamp is that moment plus the grace period. */
const deletionRequestedAt = ({ metadata }: Terminating): number =>
  epochOf(metadata?.deletionTimestamp) - (metadata?.deletionGracePeriodSeconds ?? 0) * 1_000;

/** Kubernetes sets this finalizer on a claim while a pod mounts it. */
const claimProtection = 'kubernetes.io/pvc-protection';

const delayReason = ({ metadata }: Terminating, minutes: number): string => {
  const finalizers = (metadata?.finalizers ?? []).filter((name) => name !== claimProtection);
  const since = `${minutes} minute${minutes === 1 ? '' : 's'}`;
  if (finalizers.length > 0) return `has been held back for ${since} by the finalizer ${finalizers.join(', ')}`;
  if (metadata?.finalizers?.includes(claimProtection))
    return `has been in use by a pod for ${since} since its deletion was requested`;
  return `was to be deleted ${since} ago, and its node has not confirmed the deletion`;
};

const remedyFor = ({ metadata }: Terminating): string =>
  (metadata?.finalizers ?? []).length > 0
    ? 'Ask your administrator to repair the component that set it, or to remove the finalizer by hand'
    : 'Ask your administrator to check the node';

/**
 * Waits for deletions with a growing pause, and fails after half an hour: without a limit, a finalizer that is never
 * removed would be polled forever. After the failure the sweep retries, later each time.
 */
export const awaitDeletion = (resource: ResourceName, objects: readonly Terminating[], now: Date): Progress => {
  const [oldest] = objects.toSorted((a, b) => deletionRequestedAt(a) - deletionRequestedAt(b));
  if (oldest === undefined) return settled(`No ${resourceNames[resource]} is left.`);
  const waitedMs = Math.max(0, now.getTime() - deletionRequestedAt(oldest)) || 0;
  const pauseMs = Math.min(maxPauseMs, Math.max(minPauseMs, waitedMs / 10));
  if (waitedMs < explainAfterMs) return again(`The ${resourceNames[resource]} is being deleted.`, pauseMs);
  const detail = `The ${resourceNames[resource]} ${oldest.metadata?.name} ${delayReason(oldest, Math.floor(waitedMs / 60_000))}.`;
  if (waitedMs > timeoutMs) throw new BerthError('compute_failed', detail, { remedy: `${remedyFor(oldest)}.` });
  return again(detail, pauseMs);
};
