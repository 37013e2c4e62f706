import * as z from 'zod';

/** What `BERTH_COMPUTE` holds under the kind's name. A real kind keeps this schema in contracts/settings/. */
export const SkeletonSettings = z.strictObject({ allowLarge: z.boolean().default(true) });
export type SkeletonSettings = z.infer<typeof SkeletonSettings>;
