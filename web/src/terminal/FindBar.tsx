import { IconChevronDown, IconChevronUp, IconX } from '@tabler/icons-react';
import type { SearchAddon } from '@xterm/addon-search';
import { type KeyboardEvent, type RefObject, useEffect, useEffectEvent, useRef, useState } from 'react';
import classes from './FindBar.module.css';
import type { Screen } from './screen/screen.ts';

/** The search add-on of a screen, loaded on first use; `undefined` until then. */
const useSearch = (screen: RefObject<Screen | undefined>): SearchAddon | undefined => {
  const [search, setSearch] = useState<SearchAddon>();
  useEffect(() => {
    let isUnmounted = false;
    let created: SearchAddon | undefined;
    void import('@xterm/addon-search').then(({ SearchAddon }) => {
      if (isUnmounted) return;
      created = new SearchAddon();
      screen.current?.terminal.loadAddon(created);
      setSearch(created);
    });
    return () => {
      isUnmounted = true;
      created?.dispose();
    };
  }, [screen]);
  return search;
};

/** Searches the output of a terminal. */
export function FindBar({ screen, onClose }: { screen: RefObject<Screen | undefined>; onClose: () => void }) {
  const [text, setText] = useState('');
  const [missing, setMissing] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  const search = useSearch(screen);
  useEffect(() => input.current?.focus(), []);

  const find = (wanted: string, backwards: boolean) => {
    const found = backwards ? search?.findPrevious(wanted) : search?.findNext(wanted);
    setMissing(wanted !== '' && found === false);
  };
  // Searches for what was typed while the add-on loaded.
  const begin = useEffectEvent(() => find(text, true));
  useEffect(() => {
    if (search !== undefined) begin();
  }, [search]);

  const key = (event: KeyboardEvent) => {
    if (event.key === 'Escape') onClose();
    if (event.key === 'Enter') find(text, !event.shiftKey);
  };
  return (
    <search className={classes['bar']}>
      <input
        ref={input}
        className={classes['input']}
        aria-label="Find in terminal"
        placeholder="Find"
        value={text}
        onKeyDown={key}
        onChange={({ currentTarget }) => {
          setText(currentTarget.value);
          find(currentTarget.value, true);
        }}
      />
      <span role="status" className={classes['status']}>
        {missing ? 'Not found' : ''}
      </span>
      <button type="button" className={classes['button']} aria-label="Previous match" onClick={() => find(text, true)}>
        <IconChevronUp size={18} aria-hidden />
      </button>
      <button type="button" className={classes['button']} aria-label="Next match" onClick={() => find(text, false)}>
        <IconChevronDown size={18} aria-hidden />
      </button>
      <button type="button" className={classes['button']} aria-label="Close search" onClick={onClose}>
        <IconX size={18} aria-hidden />
      </button>
    </search>
  );
}
