import { computeRegistry } from '../../../compute/registry.ts';
import type { TemplateFileRuntime } from '../../runtime.ts';
import { apiRuntime } from './api.ts';
import { installedKinds } from './compute/compute.ts';

/** Knows what templates may ask of the installed kinds, and opens none: this function has no permission to use them. */
export const templateFileRuntime = (): TemplateFileRuntime => ({
  ...apiRuntime(),
  compute: computeRegistry(installedKinds().map((kind) => kind.templates())),
});
