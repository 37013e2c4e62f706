import { Stack, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Outlet } from '@tanstack/react-router';
import { meQuery } from '../api/queries.ts';
import { usePageTitle } from '../lib/usePageTitle.ts';
import { Load } from '../ui/feedback/Load.tsx';
import { Card } from '../ui/layout/Card.tsx';
import detailClasses from '../ui/layout/Details.module.css';
import { type Tab, Tabs } from '../ui/layout/Tabs.tsx';

const tabs: Tab[] = [
  { label: 'Profile', link: { to: '/account', activeOptions: { exact: true } } },
  { label: 'API tokens', link: { to: '/account/tokens' } },
  { label: 'Git key', link: { to: '/account/git-key' } },
  { label: 'Command line', link: { to: '/account/command-line' } },
];

export function AccountPage() {
  return (
    <Stack gap="lg" maw={860} mx="auto">
      <Title order={1}>Your account</Title>
      <Tabs label="Account sections" tabs={tabs} />
      <Outlet />
    </Stack>
  );
}

/** The person, as the identity provider describes them. */
export function ProfileTab() {
  usePageTitle('Your account');
  const query = useQuery(meQuery);
  return (
    <Card title="Profile">
      <Load query={query} what="your account">
        {({ displayName, name, email, groups, roles }) => (
          <dl className={detailClasses['list']}>
            <dt>Name</dt>
            <dd>{displayName}</dd>
            <dt>Username</dt>
            <dd>{name}</dd>
            <dt>Email</dt>
            <dd>{email ?? '—'}</dd>
            <dt>Groups</dt>
            <dd>{groups.join(', ') || '—'}</dd>
            <dt>Roles</dt>
            <dd>{roles.join(', ')}</dd>
          </dl>
        )}
      </Load>
      <Text size="sm" c="dimmed">
        Your company’s identity provider manages these details. Your username is part of your app URLs and does not
        change.
      </Text>
    </Card>
  );
}
