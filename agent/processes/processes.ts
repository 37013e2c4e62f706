import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { setTimeout as after } from 'node:timers/promises';
import { findMembers, sendSignal } from './process-table.ts';

const graceMs = 5_000;

/** Tracks every process that the agent started, so that none outlives it. Each child leads a session of its own. */
export class Processes {
  readonly #leaders = new Set<number>();
  #ending = false;

  spawn(file: string, args: readonly string[], options: SpawnOptions): ChildProcess {
    if (this.#ending) throw new Error('The workspace is stopping, so no new program can be started.');
    const child = spawn(file, args, { ...options, detached: true });
    if (child.pid !== undefined) this.adopt(child.pid);
    const { pid } = child;
    if (pid !== undefined) child.once('exit', () => this.leaderExited(pid));
    return child;
  }

  /** Tracks a session leader that was not started by `spawn`, such as the shell of a PTY. */
  adopt(pid: number): void {
    this.#leaders.add(pid);
  }

  /** Call when a leader ended. It stays tracked while other processes of its session live. */
  leaderExited(pid: number): void {
    if (findMembers(new Set([pid])).length === 0) this.#leaders.delete(pid);
  }

  /** Signals the process group of a leader, as a terminal does. */
  signalGroup(leader: number, signal: NodeJS.Signals): void {
    sendSignal(-leader, signal);
  }

  /** Ends all processes of a leader: SIGHUP and SIGTERM, then SIGKILL after 5 s. */
  async endSession(leader: number): Promise<void> {
    await this.#end(new Set([leader]));
    this.#leaders.delete(leader);
  }

  /** Kills all processes of a leader with SIGKILL. */
  killSession(leader: number): void {
    for (const pid of findMembers(new Set([leader]))) sendSignal(pid, 'SIGKILL');
  }

  /** The ids of all living processes that the agent started. */
  members(): number[] {
    return findMembers(this.#leaders);
  }

  async endAll(): Promise<void> {
    this.#ending = true;
    await this.#end(this.#leaders);
  }

  async #end(leaders: ReadonlySet<number>): Promise<void> {
    for (const pid of findMembers(leaders)) {
      sendSignal(pid, 'SIGHUP');
      sendSignal(pid, 'SIGTERM');
    }
    const deadline = Date.now() + graceMs;
    while (findMembers(leaders).length > 0 && Date.now() < deadline) await after(50);
    for (const pid of findMembers(leaders)) sendSignal(pid, 'SIGKILL');
    while (findMembers(leaders).length > 0 && Date.now() < deadline + 1_000) await after(20);
  }
}
