import { Alert, Button, Code, CopyButton, Group, NumberInput, Stack, TextInput } from '@mantine/core';
import { IconCheck, IconCopy } from '@tabler/icons-react';
import { type FormEvent, useState } from 'react';
import type { RouteResponse } from '../../../contracts/routes.ts';
import { useTokenActs } from '../api/mutations.ts';
import { sentenceOf } from '../lib/problem.ts';
import { checkToken } from '../lib/token.ts';
import { Dialog } from './Dialog.tsx';
import classes from './NewTokenDialog.module.css';

type NewToken = RouteResponse<'createToken'>;

/** The only time the secret is seen. */
function Secret({ token, onClose }: { token: NewToken; onClose: () => void }) {
  return (
    <Stack>
      <Alert color="yellow">Copy the token now. It is not shown again, and Berth keeps no copy.</Alert>
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
  const { create } = useTokenActs();
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
            {sentenceOf(create.error)}
          </Alert>
        )}
        <TextInput
          data-autofocus
          label="Name"
          description="What it is for, so that you know which one to revoke."
          required
          maxLength={60}
          value={name}
          error={checked && wrong.name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <NumberInput
          label="Days it is valid"
          description="1 to 365"
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

/** Makes an API token, and shows its secret this once. */
export function NewTokenDialog({ onClose }: { onClose: () => void }) {
  const [made, setMade] = useState<NewToken>();
  return (
    // While the secret is on the screen a stray click must not take it away.
    <Dialog
      onClose={onClose}
      title={made === undefined ? 'New API token' : `Token “${made.name}”`}
      closeOnClickOutside={made === undefined}
    >
      {made === undefined ? <CreateForm onCreated={setMade} /> : <Secret token={made} onClose={onClose} />}
    </Dialog>
  );
}
