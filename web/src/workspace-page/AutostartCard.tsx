import { Button, Chip, Group, Input, NativeSelect, Stack, Text, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { sortedDays, type Weekday, weekdays } from '../../../contracts/values/weekdays.ts';
import type { Workspace } from '../../../contracts/workspaces/workspace.ts';
import { type NewAutostart, useWorkspaceMutations } from '../api/mutations.ts';
import { type FormErrors, formErrors } from '../lib/errors.ts';
import { useFormErrors } from '../lib/useFormErrors.ts';
import { GeneralErrors } from '../ui/feedback/GeneralErrors.tsx';
import { Card } from '../ui/layout/Card.tsx';
import { dayName, formatDays, ownTimeZone, timeZones } from '../workspaces/autostart.ts';
import classes from './AutostartCard.module.css';

const fieldNames = ['days', 'at', 'timeZone'];

const initialValues = ({ autostart }: Workspace): NewAutostart =>
  autostart === undefined
    ? { days: ['mon', 'tue', 'wed', 'thu', 'fri'], at: '08:00', timeZone: ownTimeZone() }
    : { days: autostart.days, at: autostart.at, timeZone: autostart.timeZone };

/** Checks that the browser can do without the server. */
const checkAutostart = ({ days, at }: NewAutostart): FormErrors['fields'] => ({
  ...(days.length === 0 ? { days: 'Choose at least one day.' } : {}),
  ...(at === '' ? { at: 'Enter a time.' } : {}),
});

interface DaysProps {
  days: readonly Weekday[];
  error: string | undefined;
  onChange: (days: Weekday[]) => void;
}

function Days({ days, error, onChange }: DaysProps) {
  return (
    <fieldset className={classes['days']} aria-describedby={error === undefined ? undefined : 'days-error'}>
      <legend className={classes['legend']}>Days</legend>
      <Chip.Group multiple value={[...days]} onChange={(chosen) => onChange(sortedDays(chosen as Weekday[]))}>
        <div className={classes['row']}>
          {weekdays.map((day) => (
            <Chip
              key={day}
              value={day}
              aria-label={dayName(day, 'long')}
              aria-invalid={error !== undefined}
              classNames={{ label: classes['chip'] ?? '' }}
            >
              {dayName(day, 'short')}
            </Chip>
          ))}
        </div>
      </Chip.Group>
      {error !== undefined && (
        <Input.Error id="days-error" mt="xs">
          {error}
        </Input.Error>
      )}
    </fieldset>
  );
}

function AutostartForm({ workspace }: { workspace: Workspace }) {
  const [values, setValues] = useState(() => initialValues(workspace));
  const { form, errors, showErrors } = useFormErrors();
  const { autostart } = useWorkspaceMutations(workspace.id, { quiet: true });
  const change = (changed: Partial<NewAutostart>) => setValues((before) => ({ ...before, ...changed }));

  const save = (wanted: NewAutostart | undefined) =>
    autostart.mutate(wanted, { onError: (error) => showErrors(formErrors(error, fieldNames)) });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const wrong = checkAutostart(values);
    if (Object.keys(wrong).length > 0) return showErrors({ fields: wrong });
    save(values);
  };

  return (
    <form ref={form} onSubmit={submit} noValidate>
      <Stack gap="lg">
        <GeneralErrors lines={errors.general} />
        <Days days={values.days} error={errors.fields['days']} onChange={(days) => change({ days })} />
        <TextInput
          type="time"
          label="Time"
          required
          value={values.at}
          error={errors.fields['at']}
          onChange={(event) => change({ at: event.currentTarget.value })}
        />
        <NativeSelect
          label="Time zone"
          data={timeZones(ownTimeZone(), values.timeZone)}
          value={values.timeZone}
          error={errors.fields['timeZone']}
          onChange={(event) => change({ timeZone: event.currentTarget.value })}
        />
        <Group>
          <Button type="submit" loading={autostart.isPending} disabled={workspace.desired === 'deleted'}>
            {workspace.autostart === undefined ? 'Turn on' : 'Save'}
          </Button>
          {workspace.autostart !== undefined && (
            <Button variant="default" disabled={autostart.isPending} onClick={() => save(undefined)}>
              Turn off
            </Button>
          )}
        </Group>
      </Stack>
    </form>
  );
}

/** Sets or removes the schedule on which the workspace starts. */
export function AutostartCard({ workspace }: { workspace: Workspace }) {
  const { autostart } = workspace;
  return (
    <Card title="Autostart">
      <Text size="sm" c="dimmed" role="status">
        {autostart === undefined
          ? 'Off. The workspace does not start on a schedule.'
          : `On: ${formatDays(autostart.days)} at ${autostart.at} (${autostart.timeZone}). A running workspace keeps running.`}
      </Text>
      {/* The key resets the form once the saved schedule changes. */}
      <AutostartForm key={JSON.stringify(autostart ?? {})} workspace={workspace} />
    </Card>
  );
}
