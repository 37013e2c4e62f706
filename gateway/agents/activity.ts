import type { Log } from '../../base/log.ts';
import { BerthError } from '../../core/errors.ts';
import type { AgentSession, GatewayRules } from '../../core/gateway.ts';
import type { Agents, ConnectedAgent } from './agents.ts';

/** The build whose activity is recorded. */
type ActiveBuild = Pick<AgentSession, 'workspaceId' | 'buildId' | 'activityLagMs'>;

/** The last activity of a pause this long is recorded, although less than the lag has passed since the last write. */
const pauseMs = 60_000;
/** A build whose agent is not connected to this replica is forgotten this long after its last activity. */
const forgetAfterMs = 10 * 60_000;

interface Activity {
  build: ActiveBuild;
  /** The last activity, in epoch milliseconds. */
  at: number;
  /** The last activity that is in the table. */
  recorded: number | undefined;
}

/** Whether to write: the table lags too far behind, or the person has paused. */
const isDue = ({ at, recorded, build: { activityLagMs } }: Activity): boolean => {
  if (recorded === undefined) return true;
  if (at <= recorded) return false;
  return at - recorded >= activityLagMs || Date.now() - at >= Math.min(activityLagMs, pauseMs);
};

const isFinal = (thrown: unknown): boolean =>
  thrown instanceof BerthError && ['not_found', 'wrong_state'].includes(thrown.name);

/**
 * Collects people's activity by build, as agents and pages report it, and records it with as few writes as the lag
 * allows.
 */
export class ActivityLog {
  readonly #rules: Pick<GatewayRules, 'recordActivity'>;
  readonly #log: Log;
  readonly #byBuild = new Map<string, Activity>();

  constructor(rules: Pick<GatewayRules, 'recordActivity'>, log: Log) {
    this.#rules = rules;
    this.#log = log;
  }

  /** Adds a report. An agent's clock may be wrong, so a time in the future counts as now. */
  async note(build: ActiveBuild, at: number): Promise<void> {
    const activity = this.#byBuild.get(build.buildId) ?? { build, at: 0, recorded: undefined };
    activity.at = Math.max(activity.at, Math.min(at, Date.now()));
    this.#byBuild.set(build.buildId, activity);
    await this.#record(activity);
  }

  /** Records what has become due, and forgets builds that are not in `connected` and were long inactive. */
  async flush(connected: ReadonlySet<string>): Promise<void> {
    for (const [buildId, activity] of this.#byBuild) {
      await this.#record(activity);
      if (!connected.has(buildId) && activity.at < Date.now() - forgetAfterMs) this.#byBuild.delete(buildId);
    }
  }

  async #record(activity: Activity): Promise<void> {
    if (!isDue(activity)) return;
    const { build, at, recorded } = activity;
    // Set before the write, so that a report during the write does not cause a second one.
    activity.recorded = at;
    try {
      await this.#rules.recordActivity(build, new Date(at));
    } catch (thrown) {
      // Nothing needs to be recorded for a workspace that is deleted or whose build has ended. After any other error,
      // such as a conflict, the next flush tries again.
      if (!isFinal(thrown)) activity.recorded = recorded;
      this.#log('warn', 'activity not recorded', { workspace: build.workspaceId, error: thrown });
    }
  }
}

/** Requests every agent's activity at an interval and records it. Returns a function that stops it. */
export const pullActivity = (
  agents: Pick<Agents, 'all'>,
  activity: ActivityLog,
  everyMs: number,
  log: Log,
): (() => void) => {
  /**
   * Builds whose agents have not responded yet: a slow agent receives no second request, and does not delay the others.
   */
  const pending = new Set<string>();

  const pullOne = async ({ session, tunnel }: ConnectedAgent): Promise<void> => {
    const { buildId, workspaceId } = session;
    if (pending.has(buildId)) return;
    pending.add(buildId);
    try {
      const { lastInputAt } = await tunnel.activity();
      if (lastInputAt !== undefined) await activity.note(session, Date.parse(lastInputAt));
    } catch (thrown) {
      // An agent that disconnects meanwhile, for example because its workspace stops, is no failure.
      if (tunnel.isOpen) log('warn', 'activity not recorded', { workspace: workspaceId, error: thrown });
    } finally {
      pending.delete(buildId);
    }
  };

  const pullAll = (): void => {
    const connected = agents.all();
    void activity.flush(new Set(connected.map(({ session }) => session.buildId)));
    for (const agent of connected) void pullOne(agent);
  };

  const timer = setInterval(pullAll, everyMs);
  return () => clearInterval(timer);
};
