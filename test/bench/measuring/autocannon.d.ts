declare module 'autocannon' {
  interface Options {
    url: string;
    connections: number;
    /** Seconds. */
    duration: number;
    headers: Record<string, string>;
  }
  interface Result {
    '2xx': number;
    non2xx: number;
    errors: number;
    /** Seconds. */
    duration: number;
  }
  /** Sends requests as fast as responses arrive. The package ships no types. */
  export default function autocannon(options: Options): Promise<Result>;
}
