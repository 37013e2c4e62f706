import { useEffect, useState } from 'react';

/** The height of the window that an on-screen keyboard leaves visible. */
export const useVisibleHeight = (): number | undefined => {
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
