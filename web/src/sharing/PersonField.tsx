import { Autocomplete, Text } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { peopleSearchQuery } from '../api/queries.ts';

/** Milliseconds after the last keystroke before people are searched. */
const debounceMs = 250;

interface Props {
  value: string;
  error: string | undefined;
  onChange: (name: string) => void;
}

/** A field for a username that searches people by name and username. */
export function PersonField({ value, error, onChange }: Props) {
  const [text] = useDebouncedValue(value.trim(), debounceMs);
  const { data } = useQuery(peopleSearchQuery(text));
  const people = data?.items ?? [];
  return (
    <Autocomplete
      label="Person"
      description="Search by name or username, then select a person."
      data={people.map(({ name }) => name)}
      // The server searches fields that the options do not show.
      filter={({ options }) => options}
      renderOption={({ option }) => (
        <Text size="sm">
          {people.find(({ name }) => name === option.value)?.displayName} <span>({option.value})</span>
        </Text>
      )}
      value={value}
      error={error}
      onChange={onChange}
      autoCapitalize="none"
      autoComplete="off"
      spellCheck={false}
      comboboxProps={{ withinPortal: false }}
    />
  );
}
