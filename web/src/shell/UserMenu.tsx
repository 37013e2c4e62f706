import {
  type MantineColorScheme,
  Menu,
  Text,
  UnstyledButton,
  useMantineColorScheme,
  VisuallyHidden,
} from '@mantine/core';
import {
  IconDeviceDesktop,
  IconGitBranch,
  IconHelp,
  IconKey,
  IconLifebuoy,
  IconLogout,
  IconMoon,
  IconSun,
  IconTerminal2,
  IconUser,
} from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { configQuery, meQuery } from '../api/queries.ts';
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

const links = [
  { to: '/account', label: 'Your account', Icon: IconUser },
  { to: '/account/tokens', label: 'API tokens', Icon: IconKey },
  { to: '/account/git-key', label: 'Git key', Icon: IconGitBranch },
  { to: '/account/command-line', label: 'Command line', Icon: IconTerminal2 },
] as const;

const schemes = {
  auto: { label: 'Theme: system', next: 'light', Icon: IconDeviceDesktop },
  light: { label: 'Theme: light', next: 'dark', Icon: IconSun },
  dark: { label: 'Theme: dark', next: 'auto', Icon: IconMoon },
} as const satisfies Record<MantineColorScheme, object>;

/** Switches to the next theme. The menu stays open, so that the choice is visible. */
function ThemeItem() {
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const { label, next, Icon } = schemes[colorScheme];
  return (
    <Menu.Item
      closeMenuOnClick={false}
      leftSection={<Icon size={18} aria-hidden />}
      onClick={() => setColorScheme(next)}
    >
      {label}
    </Menu.Item>
  );
}

export function UserMenu() {
  const { data: me } = useQuery(meQuery);
  const { support, version } = useQuery(configQuery).data ?? {};
  const name = me?.displayName ?? 'You';
  return (
    <Menu position="bottom-end" width={240} offset={12}>
      <Menu.Target>
        <UnstyledButton className={classes['user']}>
          <span className={classes['initials']}>{initials(name)}</span>
          <VisuallyHidden>, account menu of {name}</VisuallyHidden>
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
        {links.map(({ to, label, Icon }) => (
          <Menu.Item
            key={to}
            leftSection={<Icon size={18} aria-hidden />}
            renderRoot={(props) => <Link to={to} {...props} />}
          >
            {label}
          </Menu.Item>
        ))}
        <Menu.Divider />
        {support !== undefined && (
          <Menu.Item
            component="a"
            href={support}
            target="_blank"
            rel="noopener noreferrer"
            leftSection={<IconLifebuoy size={18} aria-hidden />}
          >
            Support
          </Menu.Item>
        )}
        <Menu.Item
          leftSection={<IconHelp size={18} aria-hidden />}
          renderRoot={(props) => <Link to="/help" {...props} />}
        >
          Help
        </Menu.Item>
        <ThemeItem />
        <Menu.Item leftSection={<IconLogout size={18} aria-hidden />} onClick={() => signOut().catch(notifyError)}>
          Sign out
        </Menu.Item>
        <Menu.Divider />
        <Menu.Label>Berth {version}</Menu.Label>
      </Menu.Dropdown>
    </Menu>
  );
}
