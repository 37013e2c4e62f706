import * as z from 'zod';
import { Parameters } from '../templates/parameters.ts';
import { durationMs } from '../values/duration.ts';
import { TemplateName, WorkspaceId, WorkspaceName } from '../values/names.ts';
import { Duration } from '../values/time.ts';

/** An unowned home: no workspace in the table names it. It is kept until an admin adopts or discards it. */
export const Home = z
  .object({
    id: WorkspaceId.meta({ description: 'ID of the workspace that the home belonged to' }),
    kind: z.string().meta({ description: 'Compute kind of the home' }),
    since: z.string().meta({ description: 'When it was quarantined; empty when its mark is damaged' }),
    reason: z.string(),
    knownAs: z
      .object({ name: z.string().optional(), owner: z.string().optional(), template: z.string().optional() })
      .meta({ description: 'Name, owner and template of the workspace at its last start' }),
    state: z.enum(['kept', 'discarded']).meta({ description: '`discarded`: the home is being destroyed' }),
    problem: z.string().optional().meta({ description: 'Why the home could not be destroyed yet' }),
  })
  .meta({ id: 'Home' });
export type Home = z.infer<typeof Home>;

export const AdoptHome = z
  .strictObject({
    owner: z.string().min(1).max(40).meta({ description: 'User name or ID of the new owner' }),
    name: WorkspaceName.optional().meta({ description: 'Name of the workspace. Default: the name that it had' }),
    template: TemplateName.optional().meta({ description: 'Default: the template that it was created from' }),
    version: z.int().min(1).optional().meta({ description: 'Default: the active version' }),
    parameters: Parameters.default({}),
  })
  .meta({ id: 'AdoptHome' });
export type AdoptHome = z.output<typeof AdoptHome>;

/** Minimum of `HomeRetention`: it may take days until somebody notices that a table was lost. */
const leastRetention = '7d';

/** How long an unowned home is kept before it is discarded. Without it, only an admin discards homes. */
export const HomeRetention = Duration.refine(
  (duration) => !(durationMs(duration) < durationMs(leastRetention)),
  `must be at least ${leastRetention}: it may take days until somebody notices that a table was lost`,
);
