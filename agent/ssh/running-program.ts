/** The program of an SSH session, as the requests of its channel reach it. */
export interface RunningProgram {
  signal(signal: NodeJS.Signals): unknown;
  resize(to: { cols: number; rows: number }): void;
  /** The client disconnected. */
  hangUp(): void;
}
