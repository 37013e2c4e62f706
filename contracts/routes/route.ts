import * as z from 'zod';
import { TemplateName } from '../values/names.ts';

/**
 * One entry of the route table. The router, the checks of every request, the OpenAPI document, and the clients of
 * portal and CLI are made from it. `access` says who may call the route at all; what a caller may see is the policy's
 * (core/access/policy.ts).
 */
export type Route = {
  path: string;
  summary: string;
  access: 'public' | 'signed-in';
  params?: z.ZodObject;
  query?: z.ZodObject;
  body?: z.ZodType;
  status: 200 | 201 | 202 | 204;
  response?: z.ZodType;
} & (NotIdempotent | Idempotent);

interface NotIdempotent {
  method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  idempotent?: never;
}

/**
 * A route that takes an `Idempotency-Key`: the same key and request get the same response, the same key with another
 * request is refused. Its handler must store the response in the transaction of its effect
 * (functions/api/idempotent.ts).
 */
interface Idempotent {
  method: 'POST';
  access: 'signed-in';
  idempotent: true;
  response: z.ZodType;
}

export const page = {
  limit: z.coerce.number().int().min(1).max(100).default(50),
  cursor: z.string().max(1_000).optional().meta({ description: '`next` of the previous page' }),
};
export const pageOf = <T extends z.ZodType>(item: T) =>
  z.object({ items: z.array(item), next: z.string().optional().meta({ description: 'Cursor of the next page' }) });

export const inWorkspace = z.strictObject({
  workspace: z.string().max(50).meta({
    description: "A workspace ID, the name of your own workspace, or `<name>--<owner>` for another person's",
  }),
});
export const ofPerson = z.strictObject({
  person: z.string().max(40).meta({ description: "A person's user name or ID" }),
});
export const inBuild = inWorkspace.extend({ build: z.coerce.number().int().min(1) });
export const inHome = z.strictObject({
  home: z.string().max(50).meta({ description: 'The ID of the workspace that the home belonged to' }),
});
export const inTemplate = z.strictObject({ template: TemplateName });
