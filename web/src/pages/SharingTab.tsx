import { Box, Button, EmptyState, Group, Stack, Text } from '@mantine/core';
import { IconShare3, IconTrash } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import type { Share } from '../../../contracts/sharing.ts';
import type { Workspace } from '../../../contracts/workspace.ts';
import { useShareActs } from '../api/mutations.ts';
import { sharesQuery } from '../api/queries.ts';
import cardClasses from '../components/Card.module.css';
import { Card } from '../components/Card.tsx';
import { Columns } from '../components/Columns.tsx';
import { CopyLine } from '../components/CopyLine.tsx';
import { Load } from '../components/Load.tsx';
import rowClasses from '../components/Rows.module.css';
import { ShareForm } from '../components/ShareForm.tsx';
import { dateTime } from '../lib/format.ts';
import { limitSentence, whatWords, withWords } from '../lib/sharing.ts';
import { useOpenWorkspace } from '../lib/workspaceContext.ts';
import { NotFoundPage } from './NotFoundPage.tsx';

interface RowProps {
  workspace: Workspace;
  share: Share;
}

function Row({ workspace, share }: RowProps) {
  const { revoke } = useShareActs(workspace.id);
  const what = whatWords(share.what, workspace.apps);
  const who = withWords(share.with);
  return (
    <li className={rowClasses['row']} data-size="large">
      <Box flex="1 1 14rem" miw={0}>
        <Text fw={600}>
          {what} with {who}
        </Text>
        <Text size="sm" c="dimmed">
          {share.expiresAt === undefined ? 'Until it is revoked' : `Until ${dateTime(new Date(share.expiresAt))}`}
          {` · by ${share.createdBy}`}
        </Text>
        <Box my={4}>
          <CopyLine
            text={share.url ?? `${location.origin}/workspaces/${workspace.id}`}
            what={`the address to send for ${what}`}
          />
        </Box>
        {!share.active && (
          <Text size="sm" c="var(--berth-warn-text)">
            {share.inactive ?? 'It gives nothing now.'}
          </Text>
        )}
      </Box>
      <Button
        variant="default"
        leftSection={<IconTrash size={18} aria-hidden />}
        loading={revoke.isPending}
        onClick={() => revoke.mutate(share.id)}
        aria-label={`Revoke ${what} with ${who}`}
      >
        Revoke
      </Button>
    </li>
  );
}

function Shares({ workspace, shares }: { workspace: Workspace; shares: readonly Share[] }) {
  if (shares.length === 0) {
    return (
      <EmptyState
        icon={<IconShare3 size={40} aria-hidden />}
        title="Only you can use it"
        description="Share one app to show a page, or the whole workspace to work in it together. You can take it back at any time."
      />
    );
  }
  return (
    <ul className={rowClasses['list']}>
      {shares.map((share) => (
        <Row key={share.id} workspace={workspace} share={share} />
      ))}
    </ul>
  );
}

/** Who else may use the workspace, or parts of it. */
export function SharingTab() {
  const { workspace, may } = useOpenWorkspace();
  const query = useQuery({ ...sharesQuery(workspace.id), enabled: may.manage });
  if (!may.manage)
    return <NotFoundPage title="Only its owner shares it" description="Ask them, or an administrator." />;
  return (
    <Load query={query} what="with whom it is shared">
      {({ items, allowed }) => (
        <Columns side={380}>
          <Card title="Shared with">
            <div aria-live="polite">
              <Shares workspace={workspace} shares={items} />
            </div>
          </Card>
          <Stack gap="lg">
            {may.own ? (
              <ShareForm workspace={workspace} allowed={allowed} />
            ) : (
              <Group className={`berth-card ${cardClasses['card']}`}>
                <Text>Only {workspace.owner.name} shares it. You may revoke what is shared.</Text>
              </Group>
            )}
            <Text size="sm" c="dimmed">
              {limitSentence(allowed)} A share ends within a second of being revoked, for what is open by it as well.
            </Text>
          </Stack>
        </Columns>
      )}
    </Load>
  );
}
