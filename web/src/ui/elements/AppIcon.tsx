import {
  IconAppWindow,
  IconChartBar,
  IconCode,
  IconDatabase,
  IconNotebook,
  IconTerminal2,
  IconWorld,
} from '@tabler/icons-react';

const icons = {
  app: IconAppWindow,
  code: IconCode,
  notebook: IconNotebook,
  terminal: IconTerminal2,
  web: IconWorld,
  database: IconDatabase,
  chart: IconChartBar,
};

/** The icon that a template names; a plain one for a name unknown to this version of the portal. */
export function AppIcon({ name, size = 20 }: { name: string; size?: number }) {
  const Icon = name in icons ? icons[name as keyof typeof icons] : IconAppWindow;
  return <Icon size={size} aria-hidden />;
}
