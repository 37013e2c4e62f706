import * as z from 'zod';

/** One line of `berth doctor`. The checks of AWS reach the CLI as a JSON list of findings. */
export const Finding = z.object({
  check: z.string().meta({ description: 'Name of the check, for example `clock` or `certificates`' }),
  level: z.enum(['ok', 'warn', 'fail']),
  what: z.string().meta({ description: 'A sentence: what was found' }),
  todo: z.string().optional().meta({ description: 'A sentence: what to do about it' }),
});
export type Finding = z.infer<typeof Finding>;
export const Findings = z.array(Finding);

/** The result of a check, without the check's name. */
export type Verdict = Omit<Finding, 'check'>;
export const ok = (what: string): Verdict => ({ level: 'ok', what });
export const warn = (what: string, todo: string): Verdict => ({ level: 'warn', what, todo });
export const fail = (what: string, todo: string): Verdict => ({ level: 'fail', what, todo });

const untrusted =
  'its certificate is signed by an authority that this machine does not trust (set NODE_EXTRA_CA_CERTS to a file with more authorities)';
const reasons: Record<string, string> = {
  ENOTFOUND: 'DNS has no such name',
  EAI_AGAIN: 'DNS does not respond',
  ECONNREFUSED: 'nothing listens on that port',
  ECONNRESET: 'the connection was reset',
  EPROTO: 'it does not speak TLS',
  ETIMEDOUT: 'there was no response in time',
  UND_ERR_CONNECT_TIMEOUT: 'there was no response in time',
  TimeoutError: 'there was no response in time',
  CERT_HAS_EXPIRED: 'its certificate has expired',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another name',
  DEPTH_ZERO_SELF_SIGNED_CERT: untrusted,
  SELF_SIGNED_CERT_IN_CHAIN: untrusted,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: untrusted,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: untrusted,
};

/** Explains an error of `fetch` or of a socket. */
export const whyUnreachable = (thrown: unknown): string => {
  const error = thrown as Error & { code?: string };
  const cause = error.cause as { code?: string; message?: string } | undefined;
  const code = cause?.code ?? error.code;
  return reasons[code ?? error.name] ?? cause?.message ?? error.message;
};
