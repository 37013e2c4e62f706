import type { GatewayRules } from '../core/gateway.ts';
import type { Agents } from './agents.ts';
import type { Log } from './log.ts';

/** Asks every agent for its activity and writes down what moved. Answers a function that stops it. */
export const pullActivity = (agents: Agents, rules: GatewayRules, everyMs: number, log: Log): (() => void) => {
  /** The last input written, in epoch milliseconds, by build. */
  const written = new Map<string, number>();

  const pullOne = async ({ session, tunnel }: ReturnType<Agents['all']>[number]): Promise<void> => {
    const { lastInputAt } = await tunnel.activity();
    if (lastInputAt === undefined) return;
    // An agent's clock may be wrong or lie: no activity lies in the future.
    const at = Math.min(Date.parse(lastInputAt), Date.now());
    if (at <= (written.get(session.buildId) ?? 0)) return;
    await rules.recordActivity(session, new Date(at));
    written.set(session.buildId, at);
  };

  const pullAll = async (): Promise<void> => {
    const connected = agents.all();
    const builds = new Set(connected.map(({ session }) => session.buildId));
    for (const build of written.keys()) if (!builds.has(build)) written.delete(build);
    const results = await Promise.allSettled(connected.map(pullOne));
    for (const result of results) {
      if (result.status === 'rejected') log('warn', 'activity not recorded', { reason: String(result.reason) });
    }
  };

  let pulling = false;
  const timer = setInterval(async () => {
    if (pulling) return;
    pulling = true;
    await pullAll();
    pulling = false;
  }, everyMs);
  return () => clearInterval(timer);
};
