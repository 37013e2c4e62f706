import { computeRegistry } from '../../../compute/registry.ts';
import type { TemplateFileRuntime } from '../../runtime.ts';
import { apiRuntime } from './api.ts';
import { installedKinds } from './compute/compute.ts';

/** Validates templates for the installed kinds without opening them: this function has no permission to use them. */
export const templateFileRuntime = (): TemplateFileRuntime => ({
  ...apiRuntime(),
  compute: computeRegistry(installedKinds().map((kind) => kind.templates())),
});
