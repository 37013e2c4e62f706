import { Button, EmptyState } from '@mantine/core';
import { IconLifebuoy } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { usePageTitle } from '../../lib/usePageTitle.ts';

interface Props {
  title?: string;
  description?: string;
}

/** Also shown for things that the person may not see. */
export function NotFoundPage({ title = 'Page not found', description }: Props) {
  usePageTitle('Not found');
  return (
    <EmptyState icon={<IconLifebuoy size={44} aria-hidden />} p="xl">
      <EmptyState.Title order={1}>{title}</EmptyState.Title>
      <EmptyState.Description>
        {description ?? 'The address may be wrong, or the page no longer exists.'}
      </EmptyState.Description>
      <EmptyState.Actions>
        <Button component={Link} to="/workspaces">
          Go to workspaces
        </Button>
      </EmptyState.Actions>
    </EmptyState>
  );
}

export function NoSuchTemplate() {
  return (
    <NotFoundPage
      title="Template not found"
      description="The template may have been renamed, or it is not available to your groups."
    />
  );
}

export function NoSuchWorkspace() {
  return (
    <NotFoundPage
      title="Workspace not found"
      description="The workspace may have been deleted, or you do not have access to it."
    />
  );
}
