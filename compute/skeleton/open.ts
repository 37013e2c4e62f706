import type { SkeletonSettings } from './settings.ts';
import { type SkeletonCompute, skeletonKind } from './skeleton.ts';

/** The imaginary provider. A real kind makes its provider's client here, from its settings and `KindDependencies`. */
export const provider = new Map<string, SkeletonCompute>();

export const open = (settings: SkeletonSettings) => skeletonKind(provider, settings);
