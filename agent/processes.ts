import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { setTimeout as after } from 'node:timers/promises';
import { membersOf, sendSignal } from './process-table.ts';

const graceMs = 5_000;

/** Everything the agent started, so that nothing of it outlives the agent. Each child leads a session of its own. */
export class Processes {
  readonly #leaders = new Set<number>();
  #ending = false;

  spawn(file: string, args: readonly string[], options: SpawnOptions): ChildProcess {
    if (this.#ending) throw new Error('The workspace is stopping: nothing new is started.');
    const child = spawn(file, args, { ...options, detached: true });
    if (child.pid !== undefined) this.adopt(child.pid);
    const { pid } = child;
    if (pid !== undefined) child.once('exit', () => this.exited(pid));
    return child;
  }

  /** Takes over a session leader that was started elsewhere (a PTY's). */
  adopt(pid: number): void {
    this.#leaders.add(pid);
  }

  /** To be told when a leader ended: it is forgotten once nothing of its session is left. */
  exited(pid: number): void {
    if (membersOf(new Set([pid])).length === 0) this.#leaders.delete(pid);
  }

  /** Signals a leader's process group, as a terminal would. */
  signalGroup(leader: number, signal: NodeJS.Signals): void {
    sendSignal(-leader, signal);
  }

  /** Ends everything of one leader: hang-up, then after a grace the kill nothing survives. */
  async endOne(leader: number): Promise<void> {
    await this.#end(new Set([leader]));
    this.#leaders.delete(leader);
  }

  /** Kills everything of one leader at once. */
  kill(leader: number): void {
    for (const pid of membersOf(new Set([leader]))) sendSignal(pid, 'SIGKILL');
  }

  async endAll(): Promise<void> {
    this.#ending = true;
    await this.#end(this.#leaders);
  }

  async #end(leaders: ReadonlySet<number>): Promise<void> {
    for (const pid of membersOf(leaders)) {
      sendSignal(pid, 'SIGHUP');
      sendSignal(pid, 'SIGTERM');
    }
    const deadline = Date.now() + graceMs;
    while (membersOf(leaders).length > 0 && Date.now() < deadline) await after(50);
    for (const pid of membersOf(leaders)) sendSignal(pid, 'SIGKILL');
    while (membersOf(leaders).length > 0 && Date.now() < deadline + 1_000) await after(20);
  }
}
