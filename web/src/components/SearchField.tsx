import { TextInput } from '@mantine/core';
import { IconSearch } from '@tabler/icons-react';
import { useEffect, useEffectEvent, useState } from 'react';
import classes from './SearchField.module.css';

interface Props {
  label: string;
  placeholder: string;
  /** What the address says. */
  value: string;
  onChange: (value: string) => void;
}

/**
 * A search that is in the address. The field itself holds what is typed: the address follows within a transition, by
 * which quick letters would be lost.
 */
export function SearchField({ label, placeholder, value, onChange }: Props) {
  const [typed, setTyped] = useState(value);
  const takeUp = useEffectEvent((next: string) => {
    if (next !== typed.trim()) setTyped(next);
  });
  // "Back" and "Clear" change the address alone.
  useEffect(() => takeUp(value), [value]);
  return (
    <TextInput
      className={classes['search'] ?? ''}
      type="search"
      aria-label={label}
      placeholder={placeholder}
      leftSection={<IconSearch size={18} aria-hidden />}
      value={typed}
      autoCapitalize="none"
      autoComplete="off"
      spellCheck={false}
      onChange={(event) => {
        setTyped(event.currentTarget.value);
        onChange(event.currentTarget.value.trim());
      }}
    />
  );
}
