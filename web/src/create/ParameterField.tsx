import {
  Box,
  Checkbox,
  Group,
  Input,
  NativeSelect,
  NumberInput,
  SegmentedControl,
  Stack,
  Switch,
  TagsInput,
  Textarea,
  TextInput,
} from '@mantine/core';
import type { ReactNode } from 'react';
import { isRequired, parameterLabel } from '../../../contracts/templates/check-parameters.ts';
import type { Parameter, ParameterValue } from '../../../contracts/templates/parameters.ts';
import { fieldOf, fixedNote } from '../templates/parameterForm.ts';
import { choicesOf, fitsSegments, type ParameterChoice } from './choices.ts';
import classes from './ParameterField.module.css';

interface Props {
  /** The form creates a workspace, so a parameter that cannot change later says so. */
  creating?: boolean;
  definition: Parameter;
  value: ParameterValue | undefined;
  error: string | undefined;
  disabled?: boolean;
  onChange: (value: ParameterValue | undefined) => void;
}

/** The description of the parameter, then that of the selected option. */
const descriptionOf = ({ definition, creating = false }: Props, option?: string): ReactNode => {
  const final = creating ? fixedNote(definition) : undefined;
  const lines = [definition.description, option, final].filter((line) => line !== undefined && line !== '');
  if (lines.length === 0) return undefined;
  return lines.map((line) => (
    <span key={line} className={classes['line']}>
      {line}
    </span>
  ));
};

const fieldProps = (props: Props) => ({ ...labelProps(props), description: descriptionOf(props) });

const labelProps = ({ definition, error, disabled = false }: Props) => ({
  id: fieldOf(definition),
  name: fieldOf(definition),
  label: parameterLabel(definition),
  required: isRequired(definition) && definition.type !== 'bool',
  error,
  disabled,
});

const textOf = (value: ParameterValue | undefined): string => (value === undefined ? '' : String(value));

function ChoiceField({ choices, ...props }: Props & { choices: ParameterChoice[] }) {
  const { definition, value, onChange } = props;
  const chosen = choices.find((choice) => choice.value === value);
  const pick = (text: string) => onChange(choices.find((choice) => String(choice.value) === text)?.value);
  const data = choices.map((choice) => ({ value: String(choice.value), label: choice.label }));
  const { id, name, disabled, ...wrapper } = fieldProps(props);
  const described = descriptionOf(props, chosen?.description);
  if (!isRequired(definition) && fitsSegments(choices)) {
    return (
      <Input.Wrapper {...wrapper} id={id} labelElement="div" description={described} labelProps={{ id: `${id}-label` }}>
        <Box mt={5}>
          <SegmentedControl
            aria-labelledby={`${id}-label`}
            name={name}
            data={data}
            value={textOf(value)}
            onChange={pick}
            disabled={disabled}
          />
        </Box>
      </Input.Wrapper>
    );
  }
  const nothing = chosen === undefined ? [{ value: '', label: 'Select…' }] : [];
  return (
    <NativeSelect
      {...wrapper}
      id={id}
      name={name}
      disabled={disabled}
      description={described}
      data={[...nothing, ...data]}
      value={chosen === undefined ? '' : String(chosen.value)}
      onChange={(event) => pick(event.currentTarget.value)}
    />
  );
}

function StringField(props: Props & { definition: Extract<Parameter, { type: 'string' }> }) {
  const { definition, value, onChange } = props;
  const text = { ...fieldProps(props), value: textOf(value) };
  if (definition.multiline) {
    return (
      <Textarea {...text} minRows={3} autosize maxRows={12} onChange={(event) => onChange(event.currentTarget.value)} />
    );
  }
  return (
    <TextInput
      {...text}
      autoCapitalize="none"
      autoComplete="off"
      spellCheck={false}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  );
}

function NumberField(props: Props & { definition: Extract<Parameter, { type: 'number' }> }) {
  const { definition, value, onChange } = props;
  const { min, max, integer } = definition;
  return (
    <NumberInput
      {...fieldProps(props)}
      value={typeof value === 'number' ? value : ''}
      {...(min === undefined ? {} : { min })}
      {...(max === undefined ? {} : { max })}
      allowDecimal={!integer}
      clampBehavior="none"
      inputMode={integer ? 'numeric' : 'decimal'}
      onChange={(next) => onChange(typeof next === 'number' ? next : undefined)}
    />
  );
}

function ListField({ choices, ...props }: Props & { choices: ParameterChoice[] | undefined }) {
  const { value, onChange } = props;
  const items = Array.isArray(value) ? value : [];
  if (choices === undefined) {
    return (
      <TagsInput {...fieldProps(props)} value={items} onChange={onChange} placeholder="Type a value and press Enter" />
    );
  }
  const { id, name: _, disabled, ...wrapper } = fieldProps(props);
  return (
    <Checkbox.Group {...wrapper} id={id} value={items} onChange={onChange}>
      <Group gap="md" mt={6}>
        {choices.map((choice) => (
          <Checkbox
            key={String(choice.value)}
            value={String(choice.value)}
            label={choice.label}
            description={choice.description}
            disabled={disabled}
          />
        ))}
      </Group>
    </Checkbox.Group>
  );
}

/** The field for a parameter, by its type. */
export function ParameterField(props: Props) {
  const { definition, value, onChange } = props;
  const choices = choicesOf(definition);
  if (definition.type === 'list') return <ListField {...props} choices={choices} />;
  if (choices !== undefined) return <ChoiceField {...props} choices={choices} />;
  if (definition.type === 'string') return <StringField {...props} definition={definition} />;
  if (definition.type === 'number') return <NumberField {...props} definition={definition} />;
  return (
    <Switch
      {...fieldProps(props)}
      checked={value === true}
      onChange={(event) => onChange(event.currentTarget.checked)}
    />
  );
}

interface FieldsProps {
  creating?: boolean;
  definitions: readonly Parameter[];
  values: Record<string, ParameterValue | undefined>;
  errors: Record<string, string>;
  isDisabled?: (definition: Parameter) => boolean;
  onChange: (name: string, value: ParameterValue | undefined) => void;
}

export function ParameterFields({ definitions, values, errors, isDisabled, creating = false, onChange }: FieldsProps) {
  if (definitions.length === 0) return null;
  return (
    <Stack gap="lg">
      {definitions.map((definition) => (
        <ParameterField
          key={definition.name}
          creating={creating}
          definition={definition}
          value={values[definition.name]}
          error={errors[fieldOf(definition)]}
          disabled={isDisabled?.(definition) ?? false}
          onChange={(value) => onChange(definition.name, value)}
        />
      ))}
    </Stack>
  );
}
