import { Stack, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Outlet } from '@tanstack/react-router';
import { meQuery } from '../api/queries.ts';
import { Card } from '../components/Card.tsx';
import { Load } from '../components/Load.tsx';
import { type Tab, Tabs } from '../components/Tabs.tsx';
import detailClasses from '../components/WorkspaceDetails.module.css';
import { usePageTitle } from '../lib/usePageTitle.ts';

const tabs: Tab[] = [
  { label: 'You', link: { to: '/account', activeOptions: { exact: true } } },
  { label: 'Tokens', link: { to: '/account/tokens' } },
  { label: 'Git key', link: { to: '/account/git-key' } },
  { label: 'Command line', link: { to: '/account/command-line' } },
];

export function AccountPage() {
  return (
    <Stack gap="lg" maw={860} mx="auto">
      <Title order={1}>Your account</Title>
      <Tabs label="Parts of your account" tabs={tabs} />
      <Outlet />
    </Stack>
  );
}

/** Who the person is, as the identity provider says. */
export function YouTab() {
  usePageTitle('Your account');
  const query = useQuery(meQuery);
  return (
    <Card title="You">
      <Load query={query} what="your account">
        {({ displayName, name, email, groups, roles }) => (
          <dl className={detailClasses['list']}>
            <dt>Name</dt>
            <dd>{displayName}</dd>
            <dt>User name</dt>
            <dd>{name}</dd>
            <dt>E-mail</dt>
            <dd>{email ?? '—'}</dd>
            <dt>Groups</dt>
            <dd>{groups.join(', ') || '—'}</dd>
            <dt>Roles</dt>
            <dd>{roles.join(', ')}</dd>
          </dl>
        )}
      </Load>
      <Text size="sm" c="dimmed">
        All of this comes from your company’s identity provider and is changed there. Your user name is part of the
        addresses of your apps and stays.
      </Text>
    </Card>
  );
}
