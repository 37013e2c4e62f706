import { Box } from '@mantine/core';
import type { ComponentProps } from 'react';
import classes from './ScrollBox.module.css';

interface Props extends ComponentProps<'pre'> {
  label: string;
  /** `group` if a page may have several with the same label, because labels of regions must be unique. */
  role?: 'region' | 'group';
}

/** Preformatted text in a scrolling box. It is focusable, because the arrow keys scroll only the focused element. */
export function ScrollBox({ label, role = 'region', className = '', ...props }: Props) {
  const names = `${classes['box']} ${className}`;
  return <Box component="pre" {...props} className={names} role={role} aria-label={label} tabIndex={0} />;
}
