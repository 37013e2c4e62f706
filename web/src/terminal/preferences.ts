import { useState } from 'react';

/** Terminal preferences, stored in the browser. */
export interface Preferences {
  fontSize: number;
  screenReader: boolean;
}

const defaults: Preferences = { fontSize: 14, screenReader: false };
const key = 'berth.terminal';
const fontSizes = { least: 9, most: 28 };

const clampFontSize = (size: number): number => Math.min(fontSizes.most, Math.max(fontSizes.least, size));

const read = (): Preferences => {
  const [size, reader] = (localStorage.getItem(key) ?? '').split(' ');
  const fontSize = Number(size);
  return fontSize > 0 ? { fontSize: clampFontSize(fontSize), screenReader: reader === 'reader' } : defaults;
};

export const usePreferences = () => {
  const [preferences, set] = useState(read);
  const change = (changed: Partial<Preferences>): void => {
    const next = { ...preferences, ...changed };
    next.fontSize = clampFontSize(next.fontSize);
    localStorage.setItem(key, `${next.fontSize} ${next.screenReader ? 'reader' : ''}`);
    set(next);
  };
  return [preferences, change] as const;
};
