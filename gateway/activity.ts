import type { GatewayRules } from '../core/gateway.ts';
import type { Agents, Connected } from './agents.ts';
import type { Log } from './log.ts';

/** Input that ended this long ago is written down, however short the lag since the last write. */
const stillMs = 60_000;

/** Whether activity is to be written: when it is further than the lag from what is written, or was the last for a while. */
const isDue = (at: number, written: number | undefined, lagMs: number): boolean => {
  if (written === undefined) return true;
  if (at <= written) return false;
  return at - written >= lagMs || Date.now() - at >= Math.min(lagMs, stillMs);
};

/** Asks every agent for its activity and writes down what moved. Answers a function that stops it. */
export const pullActivity = (
  agents: Pick<Agents, 'all'>,
  rules: GatewayRules,
  everyMs: number,
  log: Log,
): (() => void) => {
  /** The last input written, in epoch milliseconds, by build. */
  const written = new Map<string, number>();
  /** Builds whose agents have yet to answer, so that a slow one is not asked again and holds up no other. */
  const asked = new Set<string>();

  const pull = async ({ session, tunnel }: Connected): Promise<void> => {
    const { lastInputAt } = await tunnel.activity();
    if (lastInputAt === undefined) return;
    // An agent's clock may be wrong or lie: no activity lies in the future.
    const at = Math.min(Date.parse(lastInputAt), Date.now());
    if (!isDue(at, written.get(session.buildId), session.activityLagMs)) return;
    await rules.recordActivity(session, new Date(at));
    written.set(session.buildId, at);
  };

  const pullOne = async (connected: Connected): Promise<void> => {
    const { buildId, workspaceId } = connected.session;
    if (asked.has(buildId)) return;
    asked.add(buildId);
    try {
      await pull(connected);
    } catch (thrown) {
      log('warn', 'activity not recorded', { workspaceId, reason: String(thrown) });
    } finally {
      asked.delete(buildId);
    }
  };

  const pullAll = (): void => {
    const connected = agents.all();
    const builds = new Set(connected.map(({ session }) => session.buildId));
    for (const build of written.keys()) if (!builds.has(build)) written.delete(build);
    for (const one of connected) void pullOne(one);
  };

  const timer = setInterval(pullAll, everyMs);
  return () => clearInterval(timer);
};
