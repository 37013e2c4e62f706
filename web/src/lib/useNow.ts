import { useEffect, useState } from 'react';

/** The current time, updated every `every` milliseconds; without `every` it is not updated. */
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
