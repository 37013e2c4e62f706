import { Alert, Button, Code, CopyButton, Group, NumberInput, Stack, TextInput } from '@mantine/core';
import { IconCheck, IconCopy } from '@tabler/icons-react';
import { type FormEvent, useState } from 'react';
import type { RouteResponse } from '../../../contracts/routes/routes.ts';
import { useTokenMutations } from '../api/mutations.ts';
import { errorMessage } from '../lib/errors.ts';
import { Dialog } from '../ui/feedback/Dialog.tsx';
import { checkToken } from './checkToken.ts';
import classes from './NewTokenDialog.module.css';

type NewToken = RouteResponse<'createToken'>;

/** Shows the secret, which the server returns only once. */
function Secret({ token, onClose }: { token: NewToken; onClose: () => void }) {
  return (
    <Stack>
      <Alert color="yellow">Copy the token now. You will not be able to see it again.</Alert>
      <Code block className={classes['secret']}>
        {token.secret}
      </Code>
      <Group justify="flex-end">
        <CopyButton value={token.secret}>
          {({ copied, copy }) => (
            <Button
              variant="light"
              leftSection={copied ? <IconCheck size={18} aria-hidden /> : <IconCopy size={18} aria-hidden />}
              onClick={copy}
            >
              <span aria-live="polite">{copied ? 'Copied' : 'Copy'}</span>
            </Button>
          )}
        </CopyButton>
        <Button onClick={onClose}>Done</Button>
      </Group>
    </Stack>
  );
}

function CreateForm({ onCreated }: { onCreated: (token: NewToken) => void }) {
  const { create } = useTokenMutations();
  const [name, setName] = useState('');
  const [days, setDays] = useState<number | string>(90);
  const [checked, setChecked] = useState(false);
  const wrong = checkToken(name, days);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setChecked(true);
    if (wrong.name === undefined && wrong.days === undefined) {
      create.mutate({ name: name.trim(), days: Number(days) }, { onSuccess: onCreated });
    }
  };
  return (
    <form onSubmit={submit} noValidate>
      <Stack>
        {create.isError && (
          <Alert color="red" role="alert">
            {errorMessage(create.error)}
          </Alert>
        )}
        <TextInput
          data-autofocus
          label="Name"
          description="What the token is for, for example CI."
          required
          maxLength={60}
          value={name}
          error={checked && wrong.name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <NumberInput
          label="Expires after (days)"
          description="From 1 to 365"
          required
          min={1}
          max={365}
          allowDecimal={false}
          clampBehavior="none"
          value={days}
          error={checked && wrong.days}
          onChange={setDays}
        />
        <Group justify="flex-end">
          <Button type="submit" loading={create.isPending}>
            Create token
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

/** Creates an API token and shows its secret. */
export function NewTokenDialog({ onClose }: { onClose: () => void }) {
  const [created, setCreated] = useState<NewToken>();
  return (
    // A stray click must not close the dialog while it shows the secret.
    <Dialog
      onClose={onClose}
      title={created === undefined ? 'New API token' : `Token “${created.name}” created`}
      closeOnClickOutside={created === undefined}
    >
      {created === undefined ? <CreateForm onCreated={setCreated} /> : <Secret token={created} onClose={onClose} />}
    </Dialog>
  );
}
