import type { Manifest } from '../../contracts/agent/tunnel.ts';
import { plainPath } from '../../contracts/agent/wire.ts';
import { appEnvironment, chooseTargets } from '../apps/app-targets.ts';
import { watchApp } from '../apps/health.ts';
import type { AppTarget } from '../apps/target.ts';
import type { EventLog } from '../common/events.ts';
import { messageOf } from '../common/message.ts';
import type { Settings } from '../common/settings.ts';
import { type ConfiguredGit, setUpGit } from '../git/git-setup.ts';
import { childEnvironment, type Environment } from '../processes/environment.ts';
import { LogBuffer } from '../processes/log-buffer.ts';
import type { Processes } from '../processes/processes.ts';
import { setUpDotfiles } from './dotfiles.ts';
import { runStartupScript, type StartupFailure } from './startup-script.ts';

/** Runs the steps of the one build that this agent serves, then watches its apps. */
export class WorkspaceRuntime {
  readonly #settings: Settings;
  readonly #processes: Processes;
  readonly #events: EventLog;
  #build: string | undefined;
  /** How many requests to rerun the startup script were served. */
  #doneStartupRuns = 0;
  #current: Promise<void> = Promise.resolve();
  #targets: ReadonlyMap<string, AppTarget> = new Map();
  #git: ConfiguredGit | undefined;
  /** The environment of every program in the workspace. Complete once the manifest was received. */
  environment: Environment;
  /** The private host key of the workspace's SSH server, kept only in memory. */
  sshHostKey: string | undefined;

  constructor(settings: Settings, processes: Processes, events: EventLog) {
    this.#settings = settings;
    this.#processes = processes;
    this.#events = events;
    this.environment = childEnvironment(process.env, settings.home);
  }

  /**
   * Starts the build of a manifest. For the build that already runs it does nothing, except that it reruns the startup
   * script when the manifest counts a new request for that. Returns false for the build of another agent.
   */
  start(manifest: Manifest): boolean {
    if (this.#build !== undefined && this.#build !== manifest.build) return false;
    const { startupRuns = 0 } = manifest;
    if (this.#build === undefined) {
      this.#build = manifest.build;
      this.sshHostKey = manifest.sshHostKey;
      this.#current = this.#reportErrors(() => this.#runSteps(manifest));
    } else if (startupRuns > this.#doneStartupRuns) {
      this.#current = this.#current.then(() => this.#reportErrors(() => this.#runStartup(manifest)));
    }
    this.#doneStartupRuns = Math.max(startupRuns, this.#doneStartupRuns);
    return true;
  }

  async #reportErrors(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (thrown) {
      const message = `The agent could not start the workspace: ${messageOf(thrown)}`.slice(0, 400);
      this.#events.add({ type: 'status', status: 'start_error', error: 'startup_failed', message });
    }
  }

  get runDir(): string {
    return this.#settings.runDir;
  }

  /** Where an app of the template listens. */
  targetOf(app: string): AppTarget | undefined {
    return this.#targets.get(app);
  }

  /** The ports of the template's apps, which people open by name. */
  get appPorts(): ReadonlySet<number> {
    return new Set([...this.#targets.values()].flatMap((target) => ('port' in target ? [target.port] : [])));
  }

  async #runSteps(manifest: Manifest): Promise<void> {
    this.#targets = await chooseTargets(manifest.apps, this.#settings.home);
    this.#git = await this.#setUpGit(manifest);
    this.environment = childEnvironment(process.env, this.#settings.home, {
      ...this.#git?.environment,
      ...appEnvironment(this.#targets, manifest.addresses),
      ...manifest.env,
      BERTH_WORKSPACE_ID: manifest.workspace.id,
      BERTH_WORKSPACE_NAME: manifest.workspace.name,
      BERTH_WORKSPACE_OWNER: manifest.workspace.owner,
    });
    if (manifest.dotfiles !== '') await this.#installDotfiles(manifest);
    await this.#runStartup(manifest);
    // Even if the script failed: it may have started the apps before.
    for (const app of manifest.apps) void watchApp(app, this.#targets.get(app.name) as AppTarget, this.#events);
  }

  /** Removes the files that the build created outside the home. */
  async close(): Promise<void> {
    await this.#git?.close();
  }

  /** A failure is not fatal: git works without the owner's key. The step exists only when something failed. */
  async #setUpGit({ git }: Manifest): Promise<ConfiguredGit | undefined> {
    if (git === undefined) return undefined;
    const failed = (message: string) => this.#events.addStep('git', 'Git', 'failed', message);
    if (git.problem !== undefined) failed(git.problem);
    try {
      return await setUpGit(git, this.#settings, process.env);
    } catch (thrown) {
      failed(`Git could not be set up with your key and name: ${messageOf(thrown)}`);
      return undefined;
    }
  }

  /** A failure is not fatal: a workspace is usable without dotfiles. */
  async #installDotfiles({ dotfiles, startupTimeoutMs }: Manifest): Promise<void> {
    const log = this.#createLog('dotfiles');
    this.#events.addStep('dotfiles', 'Dotfiles', 'running');
    try {
      const { home } = this.#settings;
      const context = {
        home,
        env: this.environment,
        sshCommand: this.#git?.sshCommand,
        processes: this.#processes,
        log,
        timeoutMs: startupTimeoutMs,
      };
      const done = await setUpDotfiles(dotfiles, context);
      log.end();
      this.#events.addStep('dotfiles', 'Dotfiles', 'succeeded', done);
    } catch (thrown) {
      log.end();
      this.#events.addStep('dotfiles', 'Dotfiles', 'failed', messageOf(thrown));
    }
  }

  /** Runs the startup script, if there is one, and reports the outcome of the start. */
  async #runStartup(manifest: Manifest): Promise<void> {
    const failure = manifest.startup.trim() === '' ? undefined : await this.#runScript(manifest);
    const { home } = this.#settings;
    const reportedHome = plainPath.test(home) ? { home } : {};
    if (failure === undefined) this.#events.add({ type: 'status', status: 'ready', ...reportedHome });
    else this.#events.add({ type: 'status', status: 'start_error', ...failure, ...reportedHome });
  }

  async #runScript(manifest: Manifest): Promise<StartupFailure | undefined> {
    this.#events.addStep('startup', 'Startup script', 'running');
    const log = this.#createLog('startup');
    const failure = await runStartupScript(manifest, this.#settings, this.environment, this.#processes, log);
    if (failure === undefined) this.#events.addStep('startup', 'Startup script', 'succeeded');
    else this.#events.addStep('startup', 'Startup script', 'failed', failure.message);
    return failure;
  }

  #createLog(step: string): LogBuffer {
    return new LogBuffer((text) => this.#events.add({ type: 'log', step, text }));
  }
}
