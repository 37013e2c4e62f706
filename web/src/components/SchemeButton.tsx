import { ActionIcon, type MantineColorScheme, useMantineColorScheme } from '@mantine/core';
import { IconDeviceDesktop, IconMoon, IconSun } from '@tabler/icons-react';

const schemes = {
  auto: { next: 'light', words: 'as the system', Icon: IconDeviceDesktop },
  light: { next: 'dark', words: 'light', Icon: IconSun },
  dark: { next: 'auto', words: 'dark', Icon: IconMoon },
} as const satisfies Record<MantineColorScheme, object>;

export function SchemeButton() {
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const { next, words, Icon } = schemes[colorScheme];
  const label = `Colours: ${words}. Change to ${schemes[next].words}`;
  return (
    <ActionIcon
      variant="transparent"
      color="white"
      size={44}
      aria-label={label}
      title={label}
      onClick={() => setColorScheme(next)}
    >
      <Icon size={20} aria-hidden />
    </ActionIcon>
  );
}
