import { ActionIcon, Menu } from '@mantine/core';
import {
  IconAccessible,
  IconClipboard,
  IconCopy,
  IconDotsVertical,
  IconMaximize,
  IconSearch,
  IconTextDecrease,
  IconTextIncrease,
} from '@tabler/icons-react';
import { useRef } from 'react';
import { notifyProblem } from '../lib/notify.ts';
import type { Preferences } from './preferences.ts';
import type { TerminalHandle } from './TerminalView.tsx';

interface Props {
  preferences: Preferences;
  change: (changed: Partial<Preferences>) => void;
  terminal: () => TerminalHandle | undefined;
}

const toggleFullScreen = () => {
  const done = document.fullscreenElement ? document.exitFullscreen() : document.documentElement.requestFullscreen();
  done.catch(() => notifyProblem('Your browser does not allow full screen for this page.'));
};

export function TerminalMenu({ preferences, change, terminal }: Props) {
  const { fontSize, screenReader } = preferences;
  const opener = useRef<HTMLButtonElement>(null);
  // Escape focuses the button shortly after the menu closed, regardless of `returnFocus`.
  const focusFromOpener = () => document.activeElement === opener.current && terminal()?.focus();
  return (
    <Menu
      position="bottom-end"
      width={260}
      returnFocus={false}
      onClose={() => terminal()?.focus()}
      onExitTransitionEnd={focusFromOpener}
    >
      <Menu.Target>
        <ActionIcon
          ref={opener}
          variant="transparent"
          color="white"
          size={44}
          aria-label="Terminal menu"
          title="Terminal menu"
        >
          <IconDotsVertical size={20} aria-hidden />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item leftSection={<IconCopy size={18} aria-hidden />} onClick={() => terminal()?.copy()}>
          Copy
        </Menu.Item>
        <Menu.Item leftSection={<IconClipboard size={18} aria-hidden />} onClick={() => terminal()?.paste()}>
          Paste
        </Menu.Item>
        <Menu.Item
          leftSection={<IconSearch size={18} aria-hidden />}
          rightSection="Ctrl+Shift+F"
          onClick={() => terminal()?.find()}
        >
          Find
        </Menu.Item>
        <Menu.Divider />
        <Menu.Item
          closeMenuOnClick={false}
          leftSection={<IconTextIncrease size={18} aria-hidden />}
          onClick={() => change({ fontSize: fontSize + 1 })}
        >
          Larger text
        </Menu.Item>
        <Menu.Item
          closeMenuOnClick={false}
          leftSection={<IconTextDecrease size={18} aria-hidden />}
          onClick={() => change({ fontSize: fontSize - 1 })}
        >
          Smaller text
        </Menu.Item>
        {document.fullscreenEnabled && (
          <Menu.Item leftSection={<IconMaximize size={18} aria-hidden />} onClick={toggleFullScreen}>
            Full screen
          </Menu.Item>
        )}
        <Menu.Item
          leftSection={<IconAccessible size={18} aria-hidden />}
          onClick={() => change({ screenReader: !screenReader })}
        >
          {screenReader ? 'Turn off screen reader support' : 'Turn on screen reader support'}
        </Menu.Item>
        <Menu.Divider />
        <Menu.Label>Press Shift+F6 to leave the terminal.</Menu.Label>
      </Menu.Dropdown>
    </Menu>
  );
}
