import { ActionIcon, CopyButton, VisuallyHidden } from '@mantine/core';
import { IconCheck, IconCopy } from '@tabler/icons-react';
import classes from './CopyLine.module.css';

/** A command or URL with a button that copies it. */
export function CopyLine({ text, what }: { text: string; what: string }) {
  return (
    <div className={classes['line']}>
      <code className={classes['text']}>{text}</code>
      <CopyButton value={text}>
        {({ copied, copy }) => (
          <>
            <ActionIcon variant="subtle" size={40} onClick={copy} aria-label={`Copy ${what}`} title={`Copy ${what}`}>
              {copied ? <IconCheck size={18} aria-hidden /> : <IconCopy size={18} aria-hidden />}
            </ActionIcon>
            <VisuallyHidden role="status">{copied ? 'Copied' : ''}</VisuallyHidden>
          </>
        )}
      </CopyButton>
    </div>
  );
}
