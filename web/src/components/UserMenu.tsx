import { Menu, Text, UnstyledButton, VisuallyHidden } from '@mantine/core';
import { IconKey, IconLogout } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { meQuery } from '../api/queries.ts';
import { signOut } from '../auth/session.ts';
import { notifyError } from '../lib/notify.ts';
import classes from './Layout.module.css';

const initials = (name: string): string =>
  name
    .split(/\s+/)
    .map((word) => word[0] ?? '')
    .slice(0, 2)
    .join('')
    .toUpperCase();

export function UserMenu() {
  const { data: me } = useQuery(meQuery);
  const name = me?.displayName ?? 'You';
  return (
    <Menu position="bottom-end" width={230}>
      <Menu.Target>
        <UnstyledButton className={classes['user']}>
          <span className={classes['initials']}>{initials(name)}</span>
          <VisuallyHidden>, menu of {name}</VisuallyHidden>
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>
          <Text component="span" size="sm" fw={600} c="var(--mantine-color-text)">
            {name}
          </Text>
          <br />
          {me === undefined ? '' : [me.name, ...me.roles.filter((role) => role !== 'member')].join(' · ')}
        </Menu.Label>
        <Menu.Divider />
        <Menu.Item component={Link} to="/tokens" leftSection={<IconKey size={18} aria-hidden />}>
          API tokens
        </Menu.Item>
        <Menu.Item leftSection={<IconLogout size={18} aria-hidden />} onClick={() => signOut().catch(notifyError)}>
          Sign out
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
