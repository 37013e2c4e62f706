import { Button, EmptyState } from '@mantine/core';
import { IconLifebuoy } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { usePageTitle } from '../lib/usePageTitle.ts';

interface Props {
  title?: string;
  description?: string;
}

/** Also what is shown for things that are someone else's. */
export function NotFoundPage({ title = 'There is nothing here', description }: Props) {
  usePageTitle('Not found');
  return (
    <EmptyState icon={<IconLifebuoy size={44} aria-hidden />} p="xl">
      <EmptyState.Title order={1}>{title}</EmptyState.Title>
      <EmptyState.Description>
        {description ?? 'The address may be mistyped, or what it led to has been deleted.'}
      </EmptyState.Description>
      <EmptyState.Actions>
        <Button component={Link} to="/workspaces">
          To your workspaces
        </Button>
      </EmptyState.Actions>
    </EmptyState>
  );
}

export function NoSuchTemplate() {
  return (
    <NotFoundPage
      title="There is no such template"
      description="It may have been renamed, or it is not given to your groups."
    />
  );
}

export function NoSuchWorkspace() {
  return (
    <NotFoundPage title="There is no such workspace" description="It may have been deleted, or it is someone else’s." />
  );
}
