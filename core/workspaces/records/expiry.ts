import { msOf } from '../../instant.ts';

/**
 * How long the history of workspaces is retained. Items have their expiry as `expires` (epoch seconds), after which the
 * table deletes them.
 *
 * - A step: a year from its start.
 * - A build: a year from the end of the build after it. A workspace's last build is retained as long as the workspace,
 *   because its agent is checked against it, even if the workspace runs for years.
 * - A deleted workspace and the build that deleted it: 90 days, as long as logs.
 *
 * The expiry is part of writes that happen anyway, so that no delete has to visit thousands of builds. Audit events
 * never expire.
 */
const day = 86_400;

const after = (at: string, seconds: number): number => Math.ceil(msOf(at) / 1000) + seconds;

export const expiryOfHistory = (at: string): number => after(at, 365 * day);
export const expiryOfDeleted = (at: string): number => after(at, 90 * day);
