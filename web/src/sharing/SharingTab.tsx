import { Box, Button, EmptyState, Group, Stack, Text } from '@mantine/core';
import { IconShare3, IconTrash } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import type { Share } from '../../../contracts/workspaces/sharing.ts';
import type { Workspace } from '../../../contracts/workspaces/workspace.ts';
import { useShareMutations } from '../api/mutations.ts';
import { sharesQuery } from '../api/queries.ts';
import { formatDateTime } from '../lib/format.ts';
import { CopyLine } from '../ui/elements/CopyLine.tsx';
import { Load } from '../ui/feedback/Load.tsx';
import { NotFoundPage } from '../ui/feedback/NotFoundPage.tsx';
import cardClasses from '../ui/layout/Card.module.css';
import { Card } from '../ui/layout/Card.tsx';
import { Columns } from '../ui/layout/Columns.tsx';
import rowClasses from '../ui/layout/Rows.module.css';
import { type Permissions, useOpenWorkspace } from '../workspaces/workspaceContext.ts';
import { ShareForm } from './ShareForm.tsx';
import { limitSentence, recipientLabel, whatLabel } from './shareLabels.ts';

interface RowProps {
  workspace: Workspace;
  share: Share;
  permissions: Permissions;
}

function Row({ workspace, share, permissions }: RowProps) {
  const { revoke } = useShareMutations(workspace.id);
  const what = whatLabel(share.what, workspace.apps);
  const who = recipientLabel(share.with);
  return (
    <li className={rowClasses['row']} data-size="large">
      <Box flex="1 1 14rem" miw={0}>
        <Text fw={600}>
          {what}, shared with {who}
        </Text>
        <Text size="sm" c="dimmed">
          {share.expiresAt === undefined ? 'Until revoked' : `Until ${formatDateTime(new Date(share.expiresAt))}`}
          {` · shared by ${share.createdBy}`}
        </Text>
        <Box my={4}>
          <CopyLine text={share.url ?? `${location.origin}/workspaces/${workspace.id}`} what={`the link to ${what}`} />
        </Box>
        {!share.active && (
          <Text size="sm" c="var(--berth-warn-text)">
            {share.inactive ?? 'This share is inactive.'}
          </Text>
        )}
      </Box>
      {permissions.mayManage && (
        <Button
          variant="default"
          leftSection={<IconTrash size={18} aria-hidden />}
          loading={revoke.isPending}
          onClick={() => revoke.mutate(share.id)}
          aria-label={`Revoke ${what}, shared with ${who}`}
        >
          Revoke
        </Button>
      )}
    </li>
  );
}

function Shares({
  workspace,
  shares,
  permissions,
}: {
  workspace: Workspace;
  shares: readonly Share[];
  permissions: Permissions;
}) {
  if (shares.length === 0) {
    return (
      <EmptyState
        icon={<IconShare3 size={40} aria-hidden />}
        title={
          permissions.isOwner
            ? 'Only you can use this workspace'
            : `Only ${workspace.owner.name} can use this workspace`
        }
        description={
          permissions.isOwner
            ? 'Share an app to show a page, or the whole workspace to work in it together. You can revoke a share at any time.'
            : 'Nothing is shared.'
        }
      />
    );
  }
  return (
    <ul className={rowClasses['list']}>
      {shares.map((share) => (
        <Row key={share.id} workspace={workspace} share={share} permissions={permissions} />
      ))}
    </ul>
  );
}

/** Who else may use the workspace, or its apps and ports. */
export function SharingTab() {
  const { workspace, permissions } = useOpenWorkspace();
  const query = useQuery({ ...sharesQuery(workspace.id), enabled: permissions.maySeeShares });
  if (!permissions.maySeeShares)
    return <NotFoundPage title="You cannot see who has access" description="Ask the owner or an administrator." />;
  return (
    <Load query={query} what="the shares">
      {({ items, allowed }) => (
        <Columns side={380}>
          <Card title="Shares">
            <div aria-live="polite">
              <Shares workspace={workspace} shares={items} permissions={permissions} />
            </div>
          </Card>
          <Stack gap="lg">
            {permissions.isOwner ? (
              <ShareForm workspace={workspace} allowed={allowed} />
            ) : (
              <Group className={`berth-card ${cardClasses['card']}`}>
                <Text>
                  Only {workspace.owner.name} can share this workspace.
                  {permissions.mayManage && ' You can revoke its shares.'}
                </Text>
              </Group>
            )}
            <Text size="sm" c="dimmed">
              {limitSentence(allowed)} Revoking a share also closes the connections that use it.
            </Text>
          </Stack>
        </Columns>
      )}
    </Load>
  );
}
