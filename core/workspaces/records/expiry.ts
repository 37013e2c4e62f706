import { msOf } from '../../instant.ts';

/**
 * How long the history of workspaces is kept, so that the table holds what somebody may still look at. Items carry the
 * end as `expires` (epoch seconds), by which the table forgets them.
 *
 * - A step: a year from its start.
 * - A build: a year from the end of the build after it. A workspace's last build is kept as long as the workspace, for
 *   one that runs for years is still fenced by it.
 * - A deleted workspace and the build that deleted it: 90 days, as long as logs.
 *
 * Each is written with what happens anyway, so no delete has thousands of builds to go through. Audit events are not
 * history; they are kept.
 */
const day = 86_400;

const after = (at: string, seconds: number): number => Math.ceil(msOf(at) / 1000) + seconds;

export const expiryOfHistory = (at: string): number => after(at, 365 * day);
export const expiryOfDeleted = (at: string): number => after(at, 90 * day);
