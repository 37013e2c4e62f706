import * as z from 'zod';
import { AppName, TemplateName } from '../values/names.ts';
import { durationUpTo } from '../values/time.ts';
import { Parameter } from './parameters.ts';
import { sharingLimits } from './sharing-limits.ts';

/** A year and a day. Longer times are typing mistakes. */
const longestWait = '366d';
const untilStop = () => durationUpTo(longestWait, 'omit the field for no limit, or correct the unit');

/** An HTTP status or a range of them, in `health.status`. */
const StatusRange = z.union([
  z.int().min(100).max(599),
  z
    .string()
    .regex(
      /^[1-5][0-9][0-9]-[1-5][0-9][0-9]$/,
      'A range of statuses is two statuses with a hyphen, for example 200-299',
    )
    .refine(
      (range) => range.slice(0, 3) <= range.slice(4),
      'A range of statuses begins with the smaller one, for example 200-299',
    ),
]);

/** Statuses of a healthy app. 401 and 403 are those of an app with its own sign-in. */
const healthyStatuses = ['200-399', 401, 403];

/**
 * An app that the workspace serves. It listens on the TCP `port`, or on the Unix `socket` (a path relative to the
 * home); with neither, the agent picks a free port. The startup script reads the port or socket from
 * `BERTH_APP_<NAME>_PORT` or `BERTH_APP_<NAME>_SOCKET`, where the name has underscores for hyphens.
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
  protocol: z
    .enum(['http', 'https'])
    .default('http')
    .meta({ description: 'Protocol of the app; with https any certificate is accepted' }),
  path: z.string().max(200).startsWith('/').default('/').meta({ description: 'Path that the button opens' }),
  health: z
    .strictObject({
      path: z.string().max(200).startsWith('/').default('/'),
      status: z
        .union([StatusRange, z.array(StatusRange).min(1).max(20)])
        .default(healthyStatuses)
        .meta({ description: 'Statuses of a healthy response: a status, a range, or a list of both' }),
      every: durationUpTo('1h', 'a longer interval shows an outdated state').default('2s'),
      failures: z
        .int()
        .min(1)
        .max(100)
        .default(30)
        .meta({ description: 'Failed checks in a row before the app is unhealthy' }),
    })
    .prefault({}),
});
export type App = z.infer<typeof App>;

/** When a workspace of the template stops automatically, and how far people may postpone that. */
export const StopPolicy = z.strictObject({
  idleTimeout: untilStop().default('2h').meta({ description: 'Stop this long after the last activity' }),
  maxRuntime: untilStop().optional().meta({ description: 'Stop this long after the start, even with activity' }),
  maxExtension: untilStop().default('8h').meta({ description: 'How far from now a person may postpone the stop' }),
});
export type StopPolicy = z.infer<typeof StopPolicy>;

/** The cost of an hour: an amount, or an expression over the parameters. */
const Price = z.union(
  [
    z.number().min(0),
    z
      .string()
      .max(1_000)
      .regex(/^\s*\$\{\{.*\}\}\s*$/s),
  ],
  { error: 'A price is an amount of at least 0, or a ${{ }} expression' },
);
export const Prices = z
  .object({ runningPerHour: z.number(), stoppedPerHour: z.number() })
  .meta({ description: 'Cost of an hour, in the currency that the template’s author uses' });
export type Prices = z.infer<typeof Prices>;

/** In bytes. Both together fit into one request and into one item of the table (400 KB). */
export const templateLimits = { file: 128 * 1024, readme: 64 * 1024 } as const;

/** `template.yaml`. Strings in `compute.spec`, `agent`, `apps` and `prices` may contain `${{ }}` expressions. */
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
      .meta({ description: 'Groups that may use the template. Default: everyone who is signed in' }),
    parameters: z.array(Parameter).max(40).default([]),
    compute: z.strictObject({
      kind: z.string().max(40),
      spec: z.record(z.string(), z.json()).default({}).meta({ description: 'Settings of the compute kind' }),
    }),
    agent: z
      .strictObject({
        startup: z
          .string()
          .max(32_768)
          .default('')
          .meta({ description: 'Shell script that runs at each start, before the workspace is ready' }),
        startupTimeout: durationUpTo('12h', 'a start that takes longer than a day is abandoned').default('10m'),
        env: z.record(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/), z.string().max(4_096)).default({}),
        dotfiles: z.string().max(400).default('').meta({
          description:
            'URL of a git repository of dotfiles, installed at the first start and after each change; empty for none',
        }),
      })
      .prefault({}),
    apps: z.array(App).max(20).default([]),
    stop: StopPolicy.prefault({}),
    sharing: sharingLimits('people').meta({ description: 'Widest audience for workspaces of the template' }),
    browserOnly: z
      .boolean()
      .default(false)
      .meta({ description: 'Only terminal and apps in the browser: no SSH, exec, port forwarding or other ports' }),
    prices: z.strictObject({ runningPerHour: Price.default(0), stoppedPerHour: Price.default(0) }).prefault({}),
  })
  .meta({ id: 'TemplateFile', title: 'Berth template' });
export type TemplateFile = z.infer<typeof TemplateFile>;
