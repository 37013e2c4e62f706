import * as z from 'zod';

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
  ephemeral: z.boolean().default(false).meta({ description: 'Asked for at each start and used for that build only' }),
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
    patternMessage: z.string().max(200).optional().meta({ description: 'Message for a value that does not match' }),
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
