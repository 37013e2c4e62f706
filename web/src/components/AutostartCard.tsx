import { Button, Chip, Group, Input, NativeSelect, Stack, Text, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { sortedDays, type Weekday, weekdays } from '../../../contracts/weekdays.ts';
import type { Workspace } from '../../../contracts/workspace.ts';
import { type NewAutostart, useWorkspaceActs } from '../api/mutations.ts';
import { dayName, daysWords, ownTimeZone, timeZones } from '../lib/autostart.ts';
import { type FormErrors, formErrors } from '../lib/problem.ts';
import { useFormErrors } from '../lib/useFormErrors.ts';
import classes from './AutostartCard.module.css';
import { Card } from './Card.tsx';
import { GeneralErrors } from './GeneralErrors.tsx';

const fieldNames = ['days', 'at', 'timeZone'];

const openingValues = ({ autostart }: Workspace): NewAutostart =>
  autostart === undefined
    ? { days: ['mon', 'tue', 'wed', 'thu', 'fri'], at: '08:00', timeZone: ownTimeZone() }
    : { days: autostart.days, at: autostart.at, timeZone: autostart.timeZone };

/** What is wrong with the form before anybody is asked. */
const objections = ({ days, at }: NewAutostart): FormErrors['fields'] => ({
  ...(days.length === 0 ? { days: 'Choose at least one day.' } : {}),
  ...(at === '' ? { at: 'Say at what time.' } : {}),
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
  const [values, setValues] = useState(() => openingValues(workspace));
  const { form, errors, refuse } = useFormErrors();
  const { autostart } = useWorkspaceActs(workspace.id, { quiet: true });
  const change = (changed: Partial<NewAutostart>) => setValues((before) => ({ ...before, ...changed }));

  const ask = (wanted: NewAutostart | undefined) =>
    autostart.mutate(wanted, { onError: (error) => refuse(formErrors(error, fieldNames)) });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const wrong = objections(values);
    if (Object.keys(wrong).length > 0) return refuse({ fields: wrong });
    ask(values);
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
            <Button variant="default" disabled={autostart.isPending} onClick={() => ask(undefined)}>
              Turn off
            </Button>
          )}
        </Group>
      </Stack>
    </form>
  );
}

/** Sets on which days and when a workspace starts by itself, or turns it off. */
export function AutostartCard({ workspace }: { workspace: Workspace }) {
  const { autostart } = workspace;
  return (
    <Card title="Autostart">
      <Text size="sm" c="dimmed" role="status">
        {autostart === undefined
          ? 'Off. It starts when somebody starts it.'
          : `On: ${daysWords(autostart.days)} at ${autostart.at}, ${autostart.timeZone} time. It starts by itself then, unless it runs already.`}
      </Text>
      {/* Made anew from what the table has once that was changed. */}
      <AutostartForm key={JSON.stringify(autostart ?? {})} workspace={workspace} />
    </Card>
  );
}
