import { installableKind } from '../installable-kind.ts';
import { open } from './open.ts';
import { SkeletonSettings } from './settings.ts';
import { skeletonTemplates } from './skeleton.ts';

export const skeleton = installableKind({
  name: 'skeleton',
  settings: SkeletonSettings,
  templates: skeletonTemplates,
  open,
});
