import * as z from 'zod';
import { WorkspaceId } from '../../contracts/names.ts';
import type { ComputeKind, Progress } from '../kind.ts';

const SkeletonSpec = z.strictObject({ size: z.enum(['small', 'large']).default('small') });
type SkeletonSpec = z.infer<typeof SkeletonSpec>;

/** What the imaginary provider knows of a workspace. A real kind asks its provider instead. */
export interface SkeletonCompute {
  build?: { id: string; number: number };
}

const settled = (detail: string): Progress => ({ settled: true, detail });

/**
 * The smallest kind that passes the contract suite: compute is an entry in `provider`. It starts no agent, so a
 * workspace of this kind never becomes ready. Copy the folder to begin a new kind.
 */
export const skeletonKind = (provider: Map<string, SkeletonCompute>) =>
  ({
    name: 'skeleton',
    spec: SkeletonSpec,

    plan: ({ workspace }) => ({ resources: [{ type: 'entry', name: workspace.name, kept: true }] }),

    async apply({ workspace, build }) {
      const id = WorkspaceId.parse(workspace.id);
      const running = provider.get(id)?.build;
      if (running !== undefined && running.number > build.number) return settled('A newer build runs.');
      provider.set(id, { build });
      return settled('It runs.');
    },

    async stop({ id }) {
      if (provider.has(WorkspaceId.parse(id))) provider.set(id, {});
      return settled('It is stopped.');
    },

    async destroy({ id }) {
      provider.delete(WorkspaceId.parse(id));
      return settled('Nothing is left.');
    },

    async observe({ id }) {
      const found = provider.get(WorkspaceId.parse(id));
      if (found === undefined) return { state: 'absent' };
      if (found.build === undefined) return { state: 'stopped', detail: 'It is stopped.' };
      return { state: 'running', buildId: found.build.id, detail: 'It runs.' };
    },

    async *listOwned() {
      for (const [workspaceId, { build }] of provider) {
        yield build === undefined ? { workspaceId } : { workspaceId, buildId: build.id };
      }
    },
  }) satisfies ComputeKind<SkeletonSpec>;
