import { createShare, revokeShare } from '../../core/sharing/commands.ts';
import { getShared, listShared, listShares, type Usable } from '../../core/sharing/queries.ts';
import { sharedView, shareView } from '../../core/sharing/view.ts';
import type { ApiRuntime } from '../runtime.ts';
import type { Handlers } from './envelope.ts';

const view = ({ rules, appAddress }: ApiRuntime, { workspace, shared }: Usable) =>
  sharedView(rules, shared, workspace, appAddress);

export const sharingHandlers: Handlers<'listShares' | 'createShare' | 'revokeShare' | 'listShared' | 'getShared'> = {
  listShares: async ({ runtime: { rules, appAddress }, person, params }) => {
    const { workspace, shares, allowed } = await listShares(rules, person, params.workspace);
    return { items: shares.map((share) => shareView(rules, share, workspace, appAddress)), allowed };
  },
  createShare: async ({ runtime: { rules, appAddress }, person, params, body }) => {
    const { workspace, share } = await createShare(rules, person, params.workspace, body);
    return shareView(rules, share, workspace, appAddress);
  },
  revokeShare: async ({ runtime, person, params }) => {
    await revokeShare(runtime.rules, person, params.workspace, params.share);
    return undefined;
  },
  listShared: async ({ runtime, person, query }) => {
    const page = await listShared(runtime.rules, person, query);
    return { ...page, items: page.items.map((item) => view(runtime, item)) };
  },
  getShared: async ({ runtime, person, params }) =>
    view(runtime, await getShared(runtime.rules, person, params.workspace)),
};
