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

/** Night water instead of Mantine's neutral dark greys. */
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
    // A dialog's heading is a `header`, which is read as a second banner of the page.
    Modal: { defaultProps: { attributes: { header: { role: 'presentation' } } } },
    Drawer: { defaultProps: { attributes: { header: { role: 'presentation' } } } },
  },
});

/** Mantine's dimmed and error texts are below the 4.5:1 contrast that WCAG AA asks for. */
export const cssVariables: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    '--mantine-color-dimmed': '#51616f',
    '--mantine-color-placeholder': '#66747f',
    '--mantine-color-error': '#b42318',
    '--mantine-color-body': '#ffffff',
  },
  dark: {
    '--mantine-color-dimmed': '#a3b5c4',
    '--mantine-color-placeholder': '#8ea2b3',
    '--mantine-color-error': '#ff9b8f',
  },
});
