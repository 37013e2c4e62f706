import { useState } from 'react';

/** How the person likes their terminals, kept in the browser. */
export interface Preferences {
  fontSize: number;
  screenReader: boolean;
}

const usual: Preferences = { fontSize: 14, screenReader: false };
const key = 'berth.terminal';
const fontSizes = { least: 9, most: 28 };

const within = (size: number): number => Math.min(fontSizes.most, Math.max(fontSizes.least, size));

const read = (): Preferences => {
  const [size, reader] = (localStorage.getItem(key) ?? '').split(' ');
  const fontSize = Number(size);
  return fontSize > 0 ? { fontSize: within(fontSize), screenReader: reader === 'reader' } : usual;
};

export const usePreferences = () => {
  const [preferences, set] = useState(read);
  const change = (changed: Partial<Preferences>): void => {
    const next = { ...preferences, ...changed };
    next.fontSize = within(next.fontSize);
    localStorage.setItem(key, `${next.fontSize} ${next.screenReader ? 'reader' : ''}`);
    set(next);
  };
  return [preferences, change] as const;
};
