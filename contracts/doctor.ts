import * as z from 'zod';

/** One line of `berth doctor`. What is looked at in AWS reaches the CLI as a JSON list of them. */
export const Finding = z.object({
  check: z.string().meta({ description: 'What was looked at: `clock`, `certificates`' }),
  level: z.enum(['ok', 'warn', 'fail']),
  what: z.string().meta({ description: 'A sentence: what was found' }),
  todo: z.string().optional().meta({ description: 'A sentence: what to do about it' }),
});
export type Finding = z.infer<typeof Finding>;
export const Findings = z.array(Finding);

/** What a check says; whose word it is is added by who runs it. */
export type Verdict = Omit<Finding, 'check'>;
export const ok = (what: string): Verdict => ({ level: 'ok', what });
export const warn = (what: string, todo: string): Verdict => ({ level: 'warn', what, todo });
export const fail = (what: string, todo: string): Verdict => ({ level: 'fail', what, todo });

const untrusted =
  'its certificate is of no authority that this machine trusts (NODE_EXTRA_CA_CERTS names a file of more)';
const reasons: Record<string, string> = {
  ENOTFOUND: 'DNS does not know the name',
  EAI_AGAIN: 'DNS does not answer',
  ECONNREFUSED: 'nothing listens there',
  ECONNRESET: 'the connection was cut',
  EPROTO: 'it does not speak TLS',
  ETIMEDOUT: 'there was no answer in time',
  UND_ERR_CONNECT_TIMEOUT: 'there was no answer in time',
  TimeoutError: 'there was no answer in time',
  CERT_HAS_EXPIRED: 'its certificate has expired',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another name',
  DEPTH_ZERO_SELF_SIGNED_CERT: untrusted,
  SELF_SIGNED_CERT_IN_CHAIN: untrusted,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: untrusted,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: untrusted,
};

/** Why there was no connection, in words, from what `fetch` or a socket threw. */
export const whyUnreachable = (thrown: unknown): string => {
  const error = thrown as Error & { code?: string };
  const cause = error.cause as { code?: string; message?: string } | undefined;
  const code = cause?.code ?? error.code;
  return reasons[code ?? error.name] ?? cause?.message ?? error.message;
};

/** What the body of an answer says, `undefined` when it is no JSON: whoever answers may be no Berth. */
export { parseJson as jsonOf } from './json.ts';
