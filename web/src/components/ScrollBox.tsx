import { Box } from '@mantine/core';
import type { ComponentProps } from 'react';
import classes from './ScrollBox.module.css';

interface Props extends ComponentProps<'pre'> {
  label: string;
  /** `group` where a page may have several of one name: those of regions must differ. */
  role?: 'region' | 'group';
}

/** Text as it was written, in a box that scrolls. It takes the focus, as the arrow keys scroll only what has it. */
export function ScrollBox({ label, role = 'region', className = '', ...props }: Props) {
  const names = `${classes['box']} ${className}`;
  return <Box component="pre" {...props} className={names} role={role} aria-label={label} tabIndex={0} />;
}
