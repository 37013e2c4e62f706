import * as z from 'zod';
import { AppName, TemplateName } from './names.ts';
import { sharingLimits } from './sharing-limits.ts';

/** `90s`, `15m`, `2h`, `7d`; in the template file, always with its unit. */
export const Duration = z
  .string()
  .regex(/^[1-9][0-9]{0,5}(s|m|h|d)$/, 'A duration is a whole number and its unit: 90s, 15m, 2h or 7d')
  .meta({ id: 'Duration', examples: ['90s', '15m', '2h', '7d'] });

export { durationMs } from './duration.ts';

/** `512Mi`, `2Gi`. */
export const ByteSize = z.string().regex(/^[1-9][0-9]{0,6}(Ki|Mi|Gi)$/, 'A size is a whole number and Ki, Mi or Gi');
const unitBytes = { Ki: 1024, Mi: 1024 ** 2, Gi: 1024 ** 3 } as const;
export const byteSize = (size: string): number =>
  Number(size.slice(0, -2)) * unitBytes[size.slice(-2) as keyof typeof unitBytes];

export const ParameterValue = z.union([
  z.string().max(4_096),
  z.number(),
  z.boolean(),
  z.array(z.string().max(1_024)).max(100),
]);
export type ParameterValue = z.infer<typeof ParameterValue>;

/** Parameter names become `parameters.<name>` in expressions and `BERTH_PARAM_<NAME>` in the workspace. */
export const ParameterName = z
  .string()
  .max(40)
  .regex(/^[a-z][a-z0-9]*(_[a-z0-9]+)*$/, 'A parameter name is lower_snake_case');
export const Parameters = z.record(ParameterName, ParameterValue);
export type Parameters = z.infer<typeof Parameters>;

const common = {
  name: ParameterName,
  displayName: z.string().max(80).optional(),
  description: z.string().max(400).optional(),
  mutable: z.boolean().default(true).meta({ description: 'May be changed after the workspace was created' }),
  ephemeral: z.boolean().default(false).meta({ description: 'Asked at each start and kept for that build only' }),
};
const option = <T extends z.ZodType>(value: T) =>
  z.strictObject({ value, label: z.string().max(80).optional(), description: z.string().max(400).optional() });

/** A typed parameter. One without `default` must be given. */
export const Parameter = z.discriminatedUnion('type', [
  z.strictObject({
    ...common,
    type: z.literal('string'),
    default: z.string().max(4_096).optional(),
    options: z
      .array(option(z.string().max(4_096)))
      .min(1)
      .max(50)
      .optional(),
    pattern: z.string().max(400).optional().meta({ description: 'A regular expression the whole value must match' }),
    patternMessage: z
      .string()
      .max(200)
      .optional()
      .meta({ description: 'What to tell a person whose value does not match' }),
    minLength: z.int().min(0).optional(),
    maxLength: z.int().min(1).max(4_096).optional(),
    multiline: z.boolean().default(false),
  }),
  z.strictObject({
    ...common,
    type: z.literal('number'),
    default: z.number().optional(),
    options: z.array(option(z.number())).min(1).max(50).optional(),
    min: z.number().optional(),
    max: z.number().optional(),
    integer: z.boolean().default(false),
  }),
  z.strictObject({ ...common, type: z.literal('bool'), default: z.boolean().optional() }),
  z.strictObject({
    ...common,
    type: z.literal('list'),
    default: z.array(z.string().max(1_024)).max(100).optional(),
    options: z
      .array(option(z.string().max(1_024)))
      .min(1)
      .max(50)
      .optional(),
    minItems: z.int().min(0).optional(),
    maxItems: z.int().min(1).max(100).optional(),
  }),
]);
export type Parameter = z.infer<typeof Parameter>;

/**
 * An app that the workspace serves. With `port` it listens on that TCP port; with `socket` on that unix socket
 * (relative to the home); with neither the agent picks a free port. The startup script finds what was chosen in
 * `BERTH_APP_<NAME>_PORT` or `BERTH_APP_<NAME>_SOCKET`, hyphens in the name written as underscores.
 */
export const App = z.strictObject({
  name: AppName,
  displayName: z.string().max(40).optional(),
  icon: z.enum(['app', 'code', 'notebook', 'terminal', 'web', 'database', 'chart']).default('app'),
  port: z.int().min(1).max(65_535).optional(),
  socket: z
    .string()
    .max(80)
    .regex(/^[A-Za-z0-9._-]+(\/[A-Za-z0-9._-]+)*$/)
    .optional(),
  path: z.string().max(200).startsWith('/').default('/').meta({ description: 'Where the button leads' }),
  health: z
    .strictObject({
      path: z.string().max(200).startsWith('/').default('/'),
      every: Duration.default('2s'),
      failures: z
        .int()
        .min(1)
        .max(100)
        .default(30)
        .meta({ description: 'Checks in a row that fail before it is unhealthy' }),
    })
    .prefault({}),
});
export type App = z.infer<typeof App>;

/** When a workspace made from the template stops by itself, and how far people may put it off. */
export const StopPolicy = z.strictObject({
  idleTimeout: Duration.default('2h').meta({ description: 'Stop this long after the last activity' }),
  maxRuntime: Duration.optional().meta({ description: 'Stop this long after the start, whatever happens' }),
  maxExtension: Duration.default('8h').meta({ description: 'How far ahead a person may put the stop off' }),
});
export type StopPolicy = z.infer<typeof StopPolicy>;

/** Bytes of what is published: both together fit into one request, and into one item of the table. */
export const templateLimits = { file: 128 * 1024, readme: 64 * 1024 } as const;

/** `template.yaml`. Strings in `compute.spec`, `agent` and `apps` may hold `${{ }}` expressions. */
export const TemplateFile = z
  .strictObject({
    name: TemplateName,
    displayName: z.string().max(60).optional(),
    description: z.string().max(400).default(''),
    icon: z.enum(['app', 'code', 'notebook', 'terminal', 'web', 'database', 'chart']).default('terminal'),
    groups: z
      .array(z.string().max(80))
      .max(50)
      .optional()
      .meta({ description: 'Who may use it; left out, everyone who is signed in' }),
    parameters: z.array(Parameter).max(40).default([]),
    compute: z.strictObject({
      kind: z.string().max(40),
      spec: z.record(z.string(), z.json()).default({}).meta({ description: 'What the kind of compute asks for' }),
    }),
    agent: z
      .strictObject({
        startup: z
          .string()
          .max(32_768)
          .default('')
          .meta({ description: 'Shell script run at each start, before the workspace is ready' }),
        startupTimeout: Duration.default('10m'),
        env: z.record(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/), z.string().max(4_096)).default({}),
        dotfiles: z.string().max(400).default('').meta({
          description:
            'URL of a git repository of dotfiles, installed at the first start and when they changed; empty for none',
        }),
      })
      .prefault({}),
    apps: z.array(App).max(20).default([]),
    stop: StopPolicy.prefault({}),
    sharing: sharingLimits('people').meta({ description: 'How widely workspaces made from it may be shared' }),
    browserOnly: z
      .boolean()
      .default(false)
      .meta({ description: 'Only terminal and apps in the browser: no SSH, exec, port forwarding or other ports' }),
    prices: z
      .strictObject({ runningPerHour: z.number().min(0).default(0), stoppedPerHour: z.number().min(0).default(0) })
      .prefault({}),
  })
  .meta({ id: 'TemplateFile', title: 'Berth template' });
export type TemplateFile = z.infer<typeof TemplateFile>;
