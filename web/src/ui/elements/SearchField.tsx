import { TextInput } from '@mantine/core';
import { IconSearch } from '@tabler/icons-react';
import { useEffect, useEffectEvent, useState } from 'react';
import classes from './SearchField.module.css';

interface Props {
  label: string;
  placeholder: string;
  /** The search in the URL. */
  value: string;
  onChange: (value: string) => void;
}

/**
 * A search that is kept in the URL. The field has its own state, because the URL is updated in a transition and fast
 * typing would lose letters.
 */
export function SearchField({ label, placeholder, value, onChange }: Props) {
  const [typed, setTyped] = useState(value);
  const syncFromUrl = useEffectEvent((next: string) => {
    if (next !== typed.trim()) setTyped(next);
  });
  // "Back" and "Clear filters" change only the URL.
  useEffect(() => syncFromUrl(value), [value]);
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
