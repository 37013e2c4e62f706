import * as z from 'zod';
import { WorkspaceId } from '../../contracts/values/names.ts';
import type { ComputeKind, KnownAs, Quarantine, TemplateKind } from '../../core/ports/compute-kind.ts';
import { settled } from '../progress.ts';
import type { SkeletonSettings } from './settings.ts';

const SkeletonSpec = z.strictObject({ size: z.enum(['small', 'large']).default('small') });
type SkeletonSpec = z.infer<typeof SkeletonSpec>;

/** The imaginary provider's state of a workspace. A real kind calls its provider instead. */
export interface SkeletonCompute {
  build?: { id: string; number: number };
  quarantine?: Quarantine;
  knownAs?: KnownAs;
}

/** Validates templates and plans, without access to the provider. */
export const skeletonTemplates = ({ allowLarge }: SkeletonSettings): TemplateKind<SkeletonSpec> => ({
  name: 'skeleton',
  spec: SkeletonSpec.refine(({ size }) => allowLarge || size === 'small', {
    path: ['size'],
    message: 'This installation allows small workspaces only',
  }),
  plan: ({ workspace }) => ({ resources: [{ type: 'entry', name: workspace.name, kept: true }] }),
});

/**
 * The smallest kind that passes the contract suite: compute is an entry in `provider`. It starts no agent, so a
 * workspace of this kind never becomes ready. Copy the folder to begin a new kind.
 */
export const skeletonKind = (
  provider: Map<string, SkeletonCompute>,
  settings: SkeletonSettings = { allowLarge: true },
): ComputeKind<SkeletonSpec> => ({
  ...skeletonTemplates(settings),

  async apply({ workspace, build, template }) {
    const id = WorkspaceId.parse(workspace.id);
    const running = provider.get(id)?.build;
    if (running !== undefined && running.number > build.number) return settled('A newer build runs.');
    const knownAs = { name: workspace.name, owner: workspace.owner.name, template: template.name };
    provider.set(id, { build, knownAs });
    return settled('The compute runs.');
  },

  async stop({ id }) {
    const found = provider.get(WorkspaceId.parse(id));
    if (found !== undefined) {
      const { build: _, ...kept } = found;
      provider.set(id, kept);
    }
    return settled('The compute is stopped.');
  },

  async destroy({ workspaceId }) {
    provider.delete(WorkspaceId.parse(workspaceId));
    return settled('Nothing is left.');
  },

  async quarantine({ id }, mark) {
    const found = provider.get(WorkspaceId.parse(id));
    if (found !== undefined) {
      const { build: _, ...kept } = found;
      provider.set(id, { ...kept, quarantine: found.quarantine ?? mark });
    }
    return settled('The compute is stopped, and its entry is kept.');
  },

  async observe({ id }) {
    const found = provider.get(WorkspaceId.parse(id));
    if (found === undefined) return { state: 'absent' };
    if (found.build === undefined) return { state: 'stopped', detail: 'The compute is stopped.' };
    return { state: 'running', buildId: found.build.id, detail: 'The compute runs.' };
  },

  async *listOwned() {
    for (const [workspaceId, { build, quarantine, knownAs }] of provider) {
      yield {
        workspaceId,
        ...(build === undefined ? {} : { buildId: build.id }),
        ...(quarantine === undefined ? {} : { quarantine }),
        ...(knownAs === undefined ? {} : { knownAs }),
      };
    }
  },
});
