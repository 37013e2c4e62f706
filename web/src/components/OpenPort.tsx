import { Button, TextInput } from '@mantine/core';
import { IconExternalLink } from '@tabler/icons-react';
import { type FormEvent, useState } from 'react';
import { portOf } from '../../../contracts/names.ts';
import classes from './WaysIn.module.css';

/** Opens what listens on any port of the workspace, at the port's own address. */
export function OpenPort({ portUrl }: { portUrl: string }) {
  const [text, setText] = useState('');
  const [asked, setAsked] = useState(false);
  const port = portOf(text.trim());
  const open = (event: FormEvent) => {
    event.preventDefault();
    setAsked(true);
    if (port !== undefined) window.open(portUrl.replace('{port}', String(port)), '_blank', 'noopener,noreferrer');
  };
  return (
    <form className={classes['port']} onSubmit={open} noValidate>
      <TextInput
        className={classes['number'] ?? ''}
        aria-label="Port"
        placeholder="Port, as 3000"
        inputMode="numeric"
        value={text}
        error={asked && port === undefined && 'From 1 to 65535'}
        onChange={(event) => setText(event.currentTarget.value)}
      />
      <Button type="submit" variant="light" rightSection={<IconExternalLink size={18} aria-hidden />}>
        Open port
      </Button>
    </form>
  );
}
