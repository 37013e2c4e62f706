import { Button, TextInput } from '@mantine/core';
import { IconExternalLink } from '@tabler/icons-react';
import { type FormEvent, useState } from 'react';
import { portOf } from '../../../contracts/values/names.ts';
import classes from './LaunchButtons.module.css';

/** Opens any port of the workspace at the port's own URL. */
export function OpenPort({ portUrl }: { portUrl: string }) {
  const [text, setText] = useState('');
  const [submitted, setSubmitted] = useState(false);
  const port = portOf(text.trim());
  const open = (event: FormEvent) => {
    event.preventDefault();
    setSubmitted(true);
    if (port !== undefined) window.open(portUrl.replace('{port}', String(port)), '_blank', 'noopener,noreferrer');
  };
  return (
    <form className={classes['port']} onSubmit={open} noValidate>
      <TextInput
        className={classes['number'] ?? ''}
        aria-label="Port"
        placeholder="Port, e.g. 3000"
        inputMode="numeric"
        value={text}
        error={submitted && port === undefined && 'Enter a port from 1 to 65535'}
        onChange={(event) => setText(event.currentTarget.value)}
      />
      <Button type="submit" variant="light" rightSection={<IconExternalLink size={18} aria-hidden />}>
        Open port
      </Button>
    </form>
  );
}
