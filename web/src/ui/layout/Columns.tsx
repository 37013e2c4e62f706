import { Box } from '@mantine/core';
import type { ReactNode } from 'react';
import classes from './Columns.module.css';

interface Props {
  /** Width of the second column in pixels. */
  side?: number;
  children: ReactNode;
}

/** A main column and a side column, stacked on narrow screens. */
export function Columns({ side = 330, children }: Props) {
  return (
    <Box className={classes['columns']} __vars={{ '--side': `${side}px` }}>
      {children}
    </Box>
  );
}
