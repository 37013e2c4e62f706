import { every } from '../../base/every.ts';
import type { Log } from '../../base/log.ts';
import type { GatewayRules } from '../../core/gateway.ts';
import type { Agents } from './agents.ts';

/** A person who pressed the button waits for it. The cost is one get for each unhealthy workspace. */
const everyMs = 1_000;

/** Makes the agents of unhealthy workspaces run their startup scripts again when people request it. */
export const watchStartupRuns = (
  agents: Pick<Agents, 'all'>,
  rules: Pick<GatewayRules, 'startupRuns'>,
  log: Log,
): (() => Promise<void>) =>
  every(
    {
      periodMs: everyMs,
      onError: (error) => log('warn', 'requests to run startup scripts again were not read', { error }),
    },
    async () => {
      const unhealthy = agents.all().filter(({ session }) => session.isUnhealthy);
      const results = await Promise.allSettled(
        unhealthy.map(async ({ session, tunnel }) => {
          const startupRuns = await rules.startupRuns(session);
          if (startupRuns <= (session.manifest.startupRuns ?? 0)) return;
          const manifest = { ...session.manifest, startupRuns };
          await tunnel.sendManifest(manifest);
          session.manifest = manifest;
        }),
      );
      for (const result of results) if (result.status === 'rejected') throw result.reason;
    },
  );
