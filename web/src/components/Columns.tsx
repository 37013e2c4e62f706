import { Box } from '@mantine/core';
import type { ReactNode } from 'react';
import classes from './Columns.module.css';

interface Props {
  /** Pixels of the second column. */
  side?: number;
  children: ReactNode;
}

/** What a page is about, and beside it what belongs to it; one below the other where there is no room. */
export function Columns({ side = 330, children }: Props) {
  return (
    <Box className={classes['columns']} __vars={{ '--side': `${side}px` }}>
      {children}
    </Box>
  );
}
