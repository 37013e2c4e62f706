import { IconPlus, IconX } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import type { ConnectionState } from './connection/connection.ts';
import classes from './TerminalTabs.module.css';
import { maxTabs } from './tabs.ts';

interface Props {
  names: readonly string[];
  active: string;
  states: Readonly<Record<string, ConnectionState>>;
  onAdd: () => void;
  onClose: (name: string) => void;
}

/** The terminals of this page, each with its own URL. */
export function TerminalTabs({ names, active, states, onAdd, onClose }: Props) {
  return (
    <nav aria-label="Terminals" className={classes['nav']}>
      <ul className={classes['list']}>
        {names.map((name) => (
          <li key={name} className={classes['tab']} data-active={name === active || undefined}>
            <Link
              from="/workspaces/$workspace/terminal"
              to="."
              search={{ name }}
              replace
              className={classes['link']}
              aria-current={name === active ? 'page' : undefined}
            >
              <span className={classes['dot']} data-status={states[name]?.status ?? 'connecting'} />
              {name}
            </Link>
            {names.length > 1 && (
              <button
                type="button"
                className={classes['close']}
                aria-label={`Close terminal ${name}`}
                onClick={() => onClose(name)}
              >
                <IconX size={15} aria-hidden />
              </button>
            )}
          </li>
        ))}
      </ul>
      <button
        type="button"
        className={classes['add']}
        aria-label="New terminal"
        title={names.length >= maxTabs ? `You can open up to ${maxTabs} terminals` : 'New terminal'}
        disabled={names.length >= maxTabs}
        onClick={onAdd}
      >
        <IconPlus size={19} aria-hidden />
      </button>
    </nav>
  );
}
