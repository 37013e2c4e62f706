import { useEffect, useState } from 'react';

/** The part of the window that a tablet's keyboard leaves free. */
export const useFreeHeight = (): number | undefined => {
  const [height, setHeight] = useState<number>();
  useEffect(() => {
    const view = window.visualViewport;
    if (view === null) return;
    const read = () => setHeight(view.height);
    read();
    view.addEventListener('resize', read);
    return () => view.removeEventListener('resize', read);
  }, []);
  return height;
};
