import { Alert, Autocomplete, Button, NativeSelect, Stack, TextInput, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { mayShareWith, type SharingLimits } from '../../../contracts/templates/sharing-limits.ts';
import type { ShareWith } from '../../../contracts/workspaces/sharing.ts';
import type { Workspace } from '../../../contracts/workspaces/workspace.ts';
import { type NewShare, useShareMutations } from '../api/mutations.ts';
import { meQuery } from '../api/queries.ts';
import { formErrors } from '../lib/errors.ts';
import { notifyDone } from '../lib/notify.ts';
import { useFormErrors } from '../lib/useFormErrors.ts';
import { GeneralErrors } from '../ui/feedback/GeneralErrors.tsx';
import classes from '../ui/layout/Card.module.css';
import { PersonField } from './PersonField.tsx';
import { expiryChoices, recipientLabel, whatChoices, whatOf } from './shareLabels.ts';

const kinds = [
  { value: 'person', label: 'A person' },
  { value: 'group', label: 'A group' },
  { value: 'everyone', label: 'Everyone who is signed in' },
] as const satisfies readonly { value: ShareWith['kind']; label: string }[];

const recipientOf = (kind: ShareWith['kind'], text: string): ShareWith | undefined => {
  const name = text.trim();
  if (kind === 'everyone') return { kind };
  if (name === '') return undefined;
  return kind === 'person' ? { kind, person: name } : { kind, group: name };
};

/** The state of the form and its submission. */
const useShareForm = (workspaceId: string, first: string) => {
  const [what, setWhat] = useState(first);
  const [port, setPort] = useState('');
  const [kind, setKind] = useState<ShareWith['kind']>('person');
  const [who, setWho] = useState('');
  const [lifetimeMs, setLifetimeMs] = useState('');
  const { form, errors, showErrors, clearAll } = useFormErrors();
  const { create } = useShareMutations(workspaceId);

  const send = (body: NewShare) =>
    create.mutate(body, {
      onSuccess: (share) => {
        setWho('');
        notifyDone(`Shared with ${recipientLabel(share.with)}.`);
      },
      onError: (error) => showErrors(formErrors(error, ['with.person', 'with.group', 'what.port'])),
    });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const shared = whatOf(what, port);
    const people = recipientOf(kind, who);
    if (shared === undefined) return showErrors({ fields: { 'what.port': 'Enter a port from 1 to 65535.' } });
    if (people === undefined) return showErrors({ fields: { [`with.${kind}`]: `Enter a ${kind}.` } });
    clearAll();
    const until = lifetimeMs === '' ? {} : { expiresAt: new Date(Date.now() + Number(lifetimeMs)).toISOString() };
    send({ what: shared, with: people, ...until });
  };
  return {
    form,
    what,
    setWhat,
    port,
    setPort,
    kind,
    setKind,
    who,
    setWho,
    lifetimeMs: lifetimeMs,
    setLifetimeMs: setLifetimeMs,
    errors,
    submit,
    create,
  };
};

interface Props {
  workspace: Workspace;
  allowed: SharingLimits;
}

/** Shares a workspace, or an app or port of it, within the limits. */
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
          label="What to share"
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
          <Alert color="yellow">You cannot share this. The template or your administrator does not allow it.</Alert>
        )}
        <NativeSelect
          label="Share with"
          data={kinds.map((choice) => ({ ...choice, disabled: !mayShareWith(limit, choice.value) }))}
          value={kind}
          onChange={(event) => {
            state.setKind(event.currentTarget.value as ShareWith['kind']);
            state.setWho('');
          }}
        />
        {kind === 'person' && (
          <PersonField value={state.who} error={errors.fields['with.person']} onChange={state.setWho} />
        )}
        {kind === 'group' && (
          <Autocomplete
            label="Group"
            description="Select one of your groups, or enter another group of your identity provider."
            data={me?.groups ?? []}
            value={state.who}
            error={errors.fields['with.group']}
            onChange={state.setWho}
            comboboxProps={{ withinPortal: false }}
          />
        )}
        <NativeSelect
          label="Expiration"
          data={expiryChoices}
          value={state.lifetimeMs}
          onChange={(event) => state.setLifetimeMs(event.currentTarget.value)}
        />
        {what === 'workspace' && (
          <Alert color="yellow" title="They act as you">
            Anyone with access to the whole workspace has a terminal with your permissions: your files, your git key,
            and everything the workspace can reach.
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
