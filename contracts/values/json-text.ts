import * as z from 'zod';

/** A string that contains JSON of the given schema. */
export const jsonText = <T extends z.ZodType>(schema: T) =>
  z
    .string()
    .transform((text, context) => {
      try {
        return JSON.parse(text) as unknown;
      } catch (error) {
        context.addIssue(`is not JSON: ${(error as SyntaxError).message}`);
        return z.NEVER;
      }
    })
    .pipe(schema);
