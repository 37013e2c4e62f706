import * as z from 'zod';

/** The settings in `BERTH_COMPUTE` under the kind's name. A real kind has this schema in contracts/settings/. */
export const SkeletonSettings = z.strictObject({ allowLarge: z.boolean().default(true) });
export type SkeletonSettings = z.infer<typeof SkeletonSettings>;
