import { useEffect, useState } from 'react';

/** The time, anew every `every` milliseconds; it stands still when that is left out. */
export const useNow = (every?: number): Date => {
  const [now, setNow] = useState(() => new Date());
  useEffect(() => {
    if (every === undefined) return;
    setNow(new Date());
    const timer = setInterval(() => setNow(new Date()), every);
    return () => clearInterval(timer);
  }, [every]);
  return now;
};
