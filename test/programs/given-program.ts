import { cpSync } from 'node:fs';
import { type IncomingMessage, request } from 'node:http';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, vi } from 'vitest';
import type { Step, Workspace } from '../../contracts/workspace.ts';
import { msOf } from '../../core/instant.ts';
import { givenBerth, type TestBerth } from '../support/berth.ts';
import { givenExec } from '../support/exec.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

/** A folder with one of the templates that come with Berth. */
export const shippedTemplate = (name: string): string => {
  const folder = temporaryFolder();
  cpSync(join(import.meta.dirname, '..', '..', 'templates', name), join(folder, name), { recursive: true });
  return folder;
};

/** A workspace of ada's and one app in it, as her browser has them. */
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

  /** Waits until no build is under way; a failed one fails the test with its own words. */
  async built(minutes: number): Promise<Workspace> {
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
    await this.built(1);
  }

  async stop(): Promise<void> {
    await this.berth.as('ada').stopWorkspace({ params: this.#params });
    await this.built(1);
  }

  /** Waits until the button shows it. */
  async health(health: string): Promise<void> {
    const seen = async () => (await this.berth.as('ada').getWorkspace({ params: this.#params })).apps[0]?.health;
    await vi.waitUntil(async () => (await seen()) === health, { timeout: 60_000, interval: 100 });
  }

  async step(build: number, name: string): Promise<Step | undefined> {
    const { steps } = await this.berth.as('ada').getBuild({ params: { ...this.#params, build } });
    return steps.find((step) => step.name === name);
  }

  /** Runs a shell command in the workspace and answers what it printed. */
  async run(command: string): Promise<string> {
    const exec = await givenExec(this.berth, this.#params.workspace, ['sh', '-c', command]);
    expect(await exec.exit).toBe(0);
    return exec.output().trim();
  }

  /** The cookie of a browser that opened the app from the portal. */
  async signIn(): Promise<string> {
    const body = { for: 'app' as const, app: this.app };
    const { ticket } = await this.berth.as('ada').createTicket({ params: this.#params, body });
    const headers = { origin: this.berth.url, 'content-type': 'application/x-www-form-urlencoded' };
    const sent = this.request('/.berth/session', { method: 'POST', headers });
    sent.end(new URLSearchParams({ ticket, path: '/' }).toString());
    const answer = await answerOf(sent);
    return String(answer.headers['set-cookie']?.[0]).split(';')[0] ?? '';
  }

  /** A request to the app's host, which names resolve nowhere but in browsers. */
  request(path: string, { headers = {}, ...options }: Parameters<typeof request>[1] & { headers?: object } = {}) {
    return request(this.berth.url + path, { ...options, headers: { host: this.host, ...headers } });
  }
}

export const answerOf = (sent: ReturnType<typeof request>): Promise<IncomingMessage> =>
  new Promise((resolve, reject) => sent.once('response', resolve).once('error', reject));

export const textOf = async (sent: ReturnType<typeof request>): Promise<string> => text(await answerOf(sent));

/** A Berth with one template, and a workspace of it that is up. */
export const givenProgram = async (templates: string, template: string, app: string, minutes = 1): Promise<Program> => {
  const berth = await givenBerth({ templateFolders: [templates] });
  await berth.as('ada').createWorkspace({ body: { name: 'demo', template } });
  const program = new Program(berth, 'demo', app);
  await program.built(minutes);
  await program.health('healthy');
  return program;
};

/** How long a step took, in ms. */
export const took = (step: Step | undefined): number => msOf(step?.endedAt ?? '') - msOf(step?.startedAt ?? '');
