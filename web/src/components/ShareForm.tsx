import { Alert, Autocomplete, Button, NativeSelect, Stack, TextInput, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import type { ShareWith } from '../../../contracts/sharing.ts';
import { mayShareWith, type SharingLimits } from '../../../contracts/sharing-limits.ts';
import type { Workspace } from '../../../contracts/workspace.ts';
import { type NewShare, useShareActs } from '../api/mutations.ts';
import { meQuery } from '../api/queries.ts';
import { notifyDone } from '../lib/notify.ts';
import { formErrors } from '../lib/problem.ts';
import { shareTimes, whatChoices, whatOf, withWords } from '../lib/sharing.ts';
import { useFormErrors } from '../lib/useFormErrors.ts';
import classes from './Card.module.css';
import { GeneralErrors } from './GeneralErrors.tsx';

const kinds = [
  { value: 'person', label: 'A person' },
  { value: 'group', label: 'A group' },
  { value: 'everyone', label: 'Everyone who is signed in' },
] as const satisfies readonly { value: ShareWith['kind']; label: string }[];

const withOf = (kind: ShareWith['kind'], text: string): ShareWith | undefined => {
  const name = text.trim();
  if (kind === 'everyone') return { kind };
  if (name === '') return undefined;
  return kind === 'person' ? { kind, person: name } : { kind, group: name };
};

/** The form's state, and what becomes of it when it is sent. */
const useShareForm = (workspaceId: string, first: string) => {
  const [what, setWhat] = useState(first);
  const [port, setPort] = useState('');
  const [kind, setKind] = useState<ShareWith['kind']>('person');
  const [who, setWho] = useState('');
  const [lasts, setLasts] = useState('');
  const { form, errors, refuse, clear } = useFormErrors();
  const { create } = useShareActs(workspaceId);

  const send = (body: NewShare) =>
    create.mutate(body, {
      onSuccess: (share) => {
        setWho('');
        notifyDone(`Shared with ${withWords(share.with)}.`);
      },
      onError: (error) => refuse(formErrors(error, ['with.person', 'with.group', 'what.port'])),
    });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const shared = whatOf(what, port);
    const people = withOf(kind, who);
    if (shared === undefined) return refuse({ fields: { 'what.port': 'A port is from 1 to 65535.' } });
    if (people === undefined) return refuse({ fields: { [`with.${kind}`]: `Say which ${kind}.` } });
    clear();
    const until = lasts === '' ? {} : { expiresAt: new Date(Date.now() + Number(lasts)).toISOString() };
    send({ what: shared, with: people, ...until });
  };
  return { form, what, setWhat, port, setPort, kind, setKind, who, setWho, lasts, setLasts, errors, submit, create };
};

interface Props {
  workspace: Workspace;
  allowed: SharingLimits;
}

/** Shares a workspace or a part of it, within what is allowed. */
export function ShareForm({ workspace, allowed }: Props) {
  const { data: me } = useQuery(meQuery);
  const choices = whatChoices(workspace.apps, workspace.browserOnly);
  const open = choices.find(({ value }) => (value === 'workspace' ? allowed.workspace : allowed.apps) !== 'none');
  const state = useShareForm(workspace.id, open?.value ?? 'workspace');
  const { what, kind, errors } = state;
  const limit = what === 'workspace' ? allowed.workspace : allowed.apps;
  return (
    <form ref={state.form} onSubmit={state.submit} noValidate className={`berth-card ${classes['card']}`}>
      <Title order={2} size="h4">
        Share
      </Title>
      <Stack gap="md">
        <GeneralErrors lines={errors.general} />
        <NativeSelect
          label="What"
          data={choices}
          value={what}
          onChange={(event) => state.setWhat(event.currentTarget.value)}
        />
        {what === 'port' && (
          <TextInput
            label="Port"
            inputMode="numeric"
            value={state.port}
            error={errors.fields['what.port']}
            onChange={(event) => state.setPort(event.currentTarget.value)}
          />
        )}
        {limit === 'none' && (
          <Alert color="yellow">This may not be shared. Its template or your administrator says so.</Alert>
        )}
        <NativeSelect
          label="With"
          data={kinds.map((choice) => ({ ...choice, disabled: !mayShareWith(limit, choice.value) }))}
          value={kind}
          onChange={(event) => state.setKind(event.currentTarget.value as ShareWith['kind'])}
        />
        {kind === 'person' && (
          <TextInput
            label="User name"
            description="As it is in the address of their apps."
            value={state.who}
            error={errors.fields['with.person']}
            autoCapitalize="none"
            autoComplete="off"
            spellCheck={false}
            onChange={(event) => state.setWho(event.currentTarget.value)}
          />
        )}
        {kind === 'group' && (
          <Autocomplete
            label="Group"
            description="One of your identity provider’s, as one of yours."
            data={me?.groups ?? []}
            value={state.who}
            error={errors.fields['with.group']}
            onChange={state.setWho}
            comboboxProps={{ withinPortal: false }}
          />
        )}
        <NativeSelect
          label="How long"
          data={shareTimes}
          value={state.lasts}
          onChange={(event) => state.setLasts(event.currentTarget.value)}
        />
        {what === 'workspace' && (
          <Alert color="yellow" title="They work as you">
            Who uses the whole workspace has a terminal with your rights: your files, your git key, and all that it may
            reach.
          </Alert>
        )}
        <div>
          <Button type="submit" loading={state.create.isPending} disabled={!mayShareWith(limit, kind)}>
            Share
          </Button>
        </div>
      </Stack>
    </form>
  );
}
