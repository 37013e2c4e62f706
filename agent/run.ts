import type { Manifest } from '../contracts/agent.ts';
import { plainPath } from '../contracts/wire.ts';
import { appEnvironment, chooseTargets } from './apps.ts';
import { setUpDotfiles } from './dotfiles.ts';
import { childEnvironment, type Environment } from './environment.ts';
import type { EventLog } from './events.ts';
import { type Git, setUpGit } from './git.ts';
import { watchApp } from './health.ts';
import { LogBuffer } from './log-buffer.ts';
import { messageOf } from './message.ts';
import type { Processes } from './processes.ts';
import type { Settings } from './settings.ts';
import { runStartup } from './startup.ts';
import type { Target } from './target.ts';

/** The one build that this agent serves: its steps in order, then the watch over its apps. */
export class Run {
  readonly #settings: Settings;
  readonly #processes: Processes;
  readonly #events: EventLog;
  #build: string | undefined;
  #targets: ReadonlyMap<string, Target> = new Map();
  #git: Git | undefined;
  /** What everything started in the workspace inherits; complete once the manifest came. */
  environment: Environment;
  /** Of the workspace's SSH server; here only. */
  sshHostKey: string | undefined;

  constructor(settings: Settings, processes: Processes, events: EventLog) {
    this.#settings = settings;
    this.#processes = processes;
    this.#events = events;
    this.environment = childEnvironment(process.env, settings.home);
  }

  /** Begins a build; again for the same one changes nothing. Answers whether it is this agent's. */
  start(manifest: Manifest): boolean {
    if (this.#build !== undefined) return this.#build === manifest.build;
    this.#build = manifest.build;
    this.sshHostKey = manifest.sshHostKey;
    void this.#go(manifest).catch((thrown: unknown) => {
      const message = `The agent could not start the workspace: ${messageOf(thrown)}`.slice(0, 400);
      this.#events.add({ type: 'status', status: 'start_error', error: 'startup_failed', message });
    });
    return true;
  }

  /** Where an app of the manifest listens. */
  target(app: string): Target | undefined {
    return this.#targets.get(app);
  }

  async #go(manifest: Manifest): Promise<void> {
    this.#targets = await chooseTargets(manifest.apps, this.#settings.home);
    this.#git = await this.#setUpGit(manifest);
    this.environment = childEnvironment(process.env, this.#settings.home, {
      ...this.#git?.environment,
      ...manifest.env,
      ...appEnvironment(this.#targets),
      BERTH_WORKSPACE_ID: manifest.workspace.id,
      BERTH_WORKSPACE_NAME: manifest.workspace.name,
      BERTH_WORKSPACE_OWNER: manifest.workspace.owner,
    });
    if (manifest.dotfiles !== '') await this.#dotfiles(manifest);
    if (manifest.startup.trim() !== '' && !(await this.#startup(manifest))) return;
    const { home } = this.#settings;
    this.#events.add({ type: 'status', status: 'ready', ...(plainPath.test(home) ? { home } : {}) });
    for (const app of manifest.apps) void watchApp(app, this.#targets.get(app.name) as Target, this.#events);
  }

  /** Takes away what the run left beside the home. */
  async close(): Promise<void> {
    await this.#git?.close();
  }

  /** Never fatal: without a key of the owner's, git asks for another. A step tells of it only when something failed. */
  async #setUpGit({ git }: Manifest): Promise<Git | undefined> {
    if (git === undefined) return undefined;
    const failed = (message: string) => this.#events.step('git', 'Git', 'failed', message);
    if (git.problem !== undefined) failed(git.problem);
    try {
      return await setUpGit(git, this.#settings, process.env);
    } catch (thrown) {
      failed(`Git has neither your key nor your name here: ${messageOf(thrown)}`);
      return undefined;
    }
  }

  /** Never fatal: a workspace without somebody's dotfiles is still a workspace. */
  async #dotfiles({ dotfiles, startupTimeoutMs }: Manifest): Promise<void> {
    const log = this.#logOf('dotfiles');
    this.#events.step('dotfiles', 'Dotfiles', 'running');
    try {
      const { home } = this.#settings;
      const around = {
        home,
        env: this.environment,
        sshCommand: this.#git?.sshCommand,
        processes: this.#processes,
        log,
        timeoutMs: startupTimeoutMs,
      };
      const done = await setUpDotfiles(dotfiles, around);
      log.end();
      this.#events.step('dotfiles', 'Dotfiles', 'succeeded', done);
    } catch (thrown) {
      log.end();
      this.#events.step('dotfiles', 'Dotfiles', 'failed', messageOf(thrown));
    }
  }

  async #startup(manifest: Manifest): Promise<boolean> {
    this.#events.step('startup', 'Startup script', 'running');
    const log = this.#logOf('startup');
    const failure = await runStartup(manifest, this.#settings, this.environment, this.#processes, log);
    if (failure === undefined) {
      this.#events.step('startup', 'Startup script', 'succeeded');
      return true;
    }
    this.#events.step('startup', 'Startup script', 'failed', failure.message);
    this.#events.add({ type: 'status', status: 'start_error', ...failure });
    return false;
  }

  #logOf(step: string): LogBuffer {
    return new LogBuffer((text) => this.#events.add({ type: 'log', step, text }));
  }
}
