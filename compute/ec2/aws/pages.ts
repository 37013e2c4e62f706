/** Splits a list into chunks of at most `most` items. */
export const chunked = <T>(items: readonly T[], most: number): T[][] =>
  Array.from({ length: Math.ceil(items.length / most) }, (_, at) => items.slice(at * most, (at + 1) * most));

/** One page of an AWS list, with the token of the next page. */
export interface Page<T> {
  items: T[];
  next: string | undefined;
}

/** Iterates over a list of AWS; requests each page when it is reached. */
export async function* allPages<T>(page: (token: string | undefined) => Promise<Page<T>>): AsyncGenerator<T> {
  let token: string | undefined;
  do {
    const { items: seen, next } = await page(token);
    yield* seen;
    token = next;
  } while (token !== undefined);
}
