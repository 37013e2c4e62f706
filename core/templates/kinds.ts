import type * as z from 'zod';

/** What a kind of compute is asked before anything runs: whether a spec is right, and what it would create. */
export interface TemplateKind {
  readonly name: string;
  readonly spec: z.ZodType<unknown>;
  plan(run: {
    workspace: { id: string; name: string; owner: { id: string; name: string } };
    build: { id: string; number: number };
    template: { name: string; version: number };
    spec: unknown;
  }): { resources: { type: string; name: string; kept: boolean }[] };
}

/** The kinds that are installed. */
export interface TemplateKinds {
  /** `invalid_template` for a kind that is not there. */
  get(name: string): TemplateKind;
  all(): readonly TemplateKind[];
}
