import type { Parameter } from '../../../contracts/template.ts';

/** Whether a workspace can be created without asking anything. */
export const hasAllDefaults = (definitions: readonly Parameter[]): boolean =>
  definitions.every((definition) => definition.default !== undefined);
