import {
  IconArrowDown,
  IconArrowLeft,
  IconArrowRight,
  IconArrowUp,
  IconClipboard,
  IconCopy,
} from '@tabler/icons-react';
import type { ReactNode } from 'react';
import classes from './KeyRow.module.css';
import type { Arrow } from './screen/screen.ts';

interface Props {
  control: boolean;
  onControl: () => void;
  onKey: (text: string) => void;
  onArrow: (arrow: Arrow) => void;
  onPaste: () => void;
  onCopy: () => void;
}

interface KeyProps {
  label: string;
  pressed?: boolean;
  onPress: () => void;
  children?: ReactNode;
}

function Key({ label, pressed, onPress, children = label }: KeyProps) {
  return (
    <button
      type="button"
      className={classes['key']}
      aria-label={label}
      aria-pressed={pressed}
      // Keeps the focus, and with it the on-screen keyboard, in the terminal.
      onPointerDown={(event) => event.preventDefault()}
      onClick={onPress}
    >
      {children}
    </button>
  );
}

/** Keys that on-screen keyboards lack. */
export function KeyRow({ control, onControl, onKey, onArrow, onPaste, onCopy }: Props) {
  return (
    <div className={classes['row']} role="toolbar" aria-label="Extra keys">
      <Key label="Esc" onPress={() => onKey('\u001b')} />
      <Key label="Tab" onPress={() => onKey('\t')} />
      <Key label="Ctrl" pressed={control} onPress={onControl} />
      <Key label="Left" onPress={() => onArrow('left')}>
        <IconArrowLeft size={18} aria-hidden />
      </Key>
      <Key label="Down" onPress={() => onArrow('down')}>
        <IconArrowDown size={18} aria-hidden />
      </Key>
      <Key label="Up" onPress={() => onArrow('up')}>
        <IconArrowUp size={18} aria-hidden />
      </Key>
      <Key label="Right" onPress={() => onArrow('right')}>
        <IconArrowRight size={18} aria-hidden />
      </Key>
      {['|', '/', '-', '~'].map((sign) => (
        <Key key={sign} label={sign} onPress={() => onKey(sign)} />
      ))}
      <Key label="Copy" onPress={onCopy}>
        <IconCopy size={18} aria-hidden />
      </Key>
      <Key label="Paste" onPress={onPaste}>
        <IconClipboard size={18} aria-hidden />
      </Key>
    </div>
  );
}
