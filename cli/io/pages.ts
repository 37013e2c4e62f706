interface Page<T> {
  items: T[];
  next?: string | undefined;
}

/** Fetches all pages of a list route. */
export const fetchAllPages = async <T>(
  page: (query: { limit: number; cursor?: string }) => Promise<Page<T>>,
): Promise<T[]> => {
  const items: T[] = [];
  for (let cursor: string | undefined; ; ) {
    const { items: found, next } = await page({ limit: 100, ...(cursor === undefined ? {} : { cursor }) });
    items.push(...found);
    if (next === undefined) return items;
    cursor = next;
  }
};
