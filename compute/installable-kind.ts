import type * as z from 'zod';
import type { Clock } from '../core/ports/clock.ts';
import type { ComputeKind, TemplateKind } from '../core/ports/compute-kind.ts';
import type { Table } from '../core/ports/table.ts';

interface AwsCredentials {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken?: string;
}

/** What a kind receives when it is opened; created once at the edge. */
export interface KindDependencies {
  table: Table;
  clock: Clock;
  aws: {
    /** Settings of an SDK client: timeouts and attempts. */
    clientSettings(options: { region: string }): object;
    credentials(): Promise<AwsCredentials>;
  };
}

/** A kind that an installation can switch on by settings. */
interface InstallableKind<Settings, Spec> {
  name: string;
  settings: z.ZodType<Settings>;
  /** What templates may request. Must not need permissions. */
  templates(settings: NoInfer<Settings>): TemplateKind<Spec>;
  /** Keep it in the kind's `open.ts`, which the bundles of the API exclude (bundles/functions.ts). */
  open(settings: NoInfer<Settings>, dependencies: KindDependencies): ComputeKind<Spec>;
}

/** A kind with its settings. */
export interface InstalledKind {
  templates(): TemplateKind;
  open(dependencies: KindDependencies): ComputeKind<unknown>;
}

/** An installable kind without its type parameters, so that kinds fit into one list. */
export interface KindEntry {
  readonly name: string;
  /** Throws for settings that are not valid. */
  install(settings: unknown): InstalledKind;
}

export const installableKind = <Settings, Spec>(kind: InstallableKind<Settings, Spec>): KindEntry => ({
  name: kind.name,
  install: (given) => {
    const settings = kind.settings.parse(given);
    return {
      templates: () => kind.templates(settings) as TemplateKind,
      open: (dependencies) => kind.open(settings, dependencies) as ComputeKind<unknown>,
    };
  },
});

/** Installs each kind that the settings name. Throws for a name that no kind has. */
export const installKinds = (kinds: readonly KindEntry[], settings: Record<string, unknown>): InstalledKind[] =>
  Object.entries(settings).map(([name, given]) => {
    const kind = kinds.find((candidate) => candidate.name === name);
    if (kind !== undefined) return kind.install(given);
    throw new Error(`BERTH_COMPUTE names the kind "${name}". Use one of: ${kinds.map((one) => one.name).join(', ')}.`);
  });
