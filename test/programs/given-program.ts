import { appendFileSync, cpSync } from 'node:fs';
import { type IncomingMessage, request } from 'node:http';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, vi } from 'vitest';
import type { Step } from '../../contracts/workspaces/builds.ts';
import type { Workspace } from '../../contracts/workspaces/workspace.ts';
import { msOf } from '../../core/instant.ts';
import { givenBerth, type TestBerth } from '../support/berth.ts';
import { givenExec } from '../support/clients/exec.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

/** A folder with one of Berth's starter templates, optionally with another idle timeout. */
export const shippedTemplate = (name: string, idleTimeout?: string): string => {
  const folder = temporaryFolder();
  cpSync(join(import.meta.dirname, '..', '..', 'templates', name), join(folder, name), { recursive: true });
  if (idleTimeout !== undefined)
    appendFileSync(join(folder, name, 'template.yaml'), `\nstop: { idleTimeout: ${idleTimeout} }\n`);
  return folder;
};

/** A workspace of ada and one of its apps, as her browser accesses it. */
export class Program {
  readonly berth: TestBerth;
  readonly app: string;
  readonly #params: { workspace: string };

  constructor(berth: TestBerth, workspace: string, app: string) {
    this.berth = berth;
    this.app = app;
    this.#params = { workspace };
  }

  get host(): string {
    return `${this.app}--${this.#params.workspace}--ada.${new URL(this.berth.url).host}`;
  }

  /** Waits until no build is active. A failed build fails the test with its message. */
  async waitForBuild(minutes: number): Promise<Workspace> {
    const ada = this.berth.as('ada');
    const built = async () => {
      const workspace = await ada.getWorkspace({ params: this.#params });
      return ['pending', 'running'].includes(workspace.build.status) ? undefined : workspace;
    };
    const workspace = await vi.waitUntil(built, { timeout: minutes * 60_000, interval: 250 });
    expect(workspace.failure?.message).toBeUndefined();
    return workspace;
  }

  async start(): Promise<void> {
    await this.berth.as('ada').startWorkspace({ params: this.#params, body: {} });
    await this.waitForBuild(1);
  }

  async stop(): Promise<void> {
    await this.berth.as('ada').stopWorkspace({ params: this.#params });
    await this.waitForBuild(1);
  }

  /** Waits until the app has this health. */
  async waitForHealth(health: string): Promise<void> {
    const seen = async () => (await this.berth.as('ada').getWorkspace({ params: this.#params })).apps[0]?.health;
    await vi.waitUntil(async () => (await seen()) === health, { timeout: 60_000, interval: 100 });
  }

  /** When the workspace will stop. */
  async stopsAt(): Promise<number> {
    return msOf((await this.berth.as('ada').getWorkspace({ params: this.#params })).stop?.at ?? '');
  }

  /** Waits until the workspace has stopped. */
  async waitUntilStopped(timeoutMs: number): Promise<Workspace> {
    const seen = () => this.berth.as('ada').getWorkspace({ params: this.#params });
    return vi.waitUntil(
      async () => {
        const workspace = await seen();
        return workspace.status === 'stopped' ? workspace : undefined;
      },
      { timeout: timeoutMs, interval: 250 },
    );
  }

  async step(build: number, name: string): Promise<Step | undefined> {
    const { steps } = await this.berth.as('ada').getBuild({ params: { ...this.#params, build } });
    return steps.find((step) => step.name === name);
  }

  /** Runs a shell command in the workspace. Returns its output. */
  async run(command: string): Promise<string> {
    const exec = await givenExec(this.berth, this.#params.workspace, ['sh', '-c', command]);
    expect(await exec.exit).toBe(0);
    return exec.output().trim();
  }

  /** Opens the app from the portal. Returns the browser's cookie. */
  async signIn(): Promise<string> {
    const body = { for: 'app' as const, app: this.app };
    const { ticket } = await this.berth.as('ada').createTicket({ params: this.#params, body });
    const headers = { origin: this.berth.url, 'content-type': 'application/x-www-form-urlencoded' };
    const clientRequest = this.request('/.berth/session', { method: 'POST', headers });
    clientRequest.end(new URLSearchParams({ ticket, path: '/' }).toString());
    const response = await responseOf(clientRequest);
    return String(response.headers['set-cookie']?.[0]).split(';')[0] ?? '';
  }

  /** A request to the app's host, by its Host header because only browsers resolve its name. */
  request(path: string, { headers = {}, ...options }: Parameters<typeof request>[1] & { headers?: object } = {}) {
    return request(this.berth.url + path, { ...options, headers: { host: this.host, ...headers } });
  }
}

export const responseOf = (clientRequest: ReturnType<typeof request>): Promise<IncomingMessage> =>
  new Promise((resolve, reject) => clientRequest.once('response', resolve).once('error', reject));

export const textOf = async (clientRequest: ReturnType<typeof request>): Promise<string> =>
  text(await responseOf(clientRequest));

/** A Berth with one template and a healthy workspace of it. */
export const givenProgram = async (templates: string, template: string, app: string, minutes = 1): Promise<Program> => {
  const berth = await givenBerth({ templateFolders: [templates] });
  await berth.as('ada').createWorkspace({ body: { name: 'demo', template } });
  const program = new Program(berth, 'demo', app);
  await program.waitForBuild(minutes);
  await program.waitForHealth('healthy');
  return program;
};

export const stepDurationMs = (step: Step | undefined): number =>
  msOf(step?.endedAt ?? '') - msOf(step?.startedAt ?? '');
