import { type CSSVariablesResolver, createTheme, type MantineColorsTuple } from '@mantine/core';

const sea: MantineColorsTuple = [
  '#e4f6f7',
  '#c9ebed',
  '#97d6da',
  '#5fc2c8',
  '#36b0b7',
  '#1ba1a9',
  '#0c8a93',
  '#0a727b',
  '#075c64',
  '#04454c',
];

/** Blue instead of Mantine's neutral dark grays. */
const night: MantineColorsTuple = [
  '#d5dfe7',
  '#bccad5',
  '#9db0bf',
  '#6f8698',
  '#3b5266',
  '#2a3f52',
  '#1b2d3d',
  '#12202d',
  '#0d1822',
  '#081018',
];

/** Mantine wraps the title in a `header`, which screen readers would announce as a second banner. */
const dialog = {
  defaultProps: { attributes: { header: { role: 'presentation' } } },
  styles: { title: { fontWeight: 650 } },
};

/** Focuses the first item, and keeps the menu inside the landmarks of the page. */
const menu = { withInitialFocusPlaceholder: false, menuItemTabIndex: 0, withinPortal: false };

export const theme = createTheme({
  primaryColor: 'sea',
  primaryShade: 7,
  colors: { sea, dark: night },
  defaultRadius: 'md',
  respectReducedMotion: true,
  fontFamily: 'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", sans-serif',
  fontFamilyMonospace: 'ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace',
  headings: { fontWeight: '650' },
  cursorType: 'pointer',
  components: {
    Modal: dialog,
    Menu: { defaultProps: menu },
    // Mantine's gray has a contrast below 4.5:1.
    Notification: { styles: { description: { color: 'var(--mantine-color-text)' } } },
    Badge: { styles: { root: { textTransform: 'none' } } },
  },
});

/** Mantine's dimmed and error texts are below the 4.5:1 contrast that WCAG AA requires. */
export const cssVariables: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    '--mantine-color-dimmed': '#51616f',
    '--mantine-color-placeholder': '#66747f',
    '--mantine-color-error': '#b42318',
    '--mantine-color-body': '#ffffff',
    '--mantine-color-yellow-light': '#fff3d1',
    '--mantine-color-yellow-light-color': '#7a4100',
  },
  dark: {
    '--mantine-color-dimmed': '#a3b5c4',
    '--mantine-color-placeholder': '#8ea2b3',
    '--mantine-color-error': '#ff9b8f',
    '--mantine-color-sea-light': '#0d3b44',
    '--mantine-color-sea-light-hover': '#124a55',
    '--mantine-color-sea-light-color': '#a5e5e8',
    '--mantine-color-red-light-color': '#ffb3aa',
    '--mantine-color-yellow-light': '#3a2c10',
    '--mantine-color-yellow-light-color': '#ffd98a',
  },
});
