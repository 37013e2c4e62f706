const secretNames =
  /(?:aws_)?(?:secret_?access_?key|session_?token)|client_?secret|(?:access|refresh|id)_?token|code_?verifier|password|passphrase/
    .source;
/** Kubernetes quotes an invalid field as `password: Invalid value: "…"`. */
const quotedByKubernetes = /(?:(?:Duplicate|Invalid|Unsupported) value|Not found): /.source;
/** The name of a secret and what precedes its value. */
const named = String.raw`\b((?:${secretNames})\\?["']?\s*[:=]\s*(?:${quotedByKubernetes})?)`;
/** Values that are no secret: a reference, and Kubernetes' message about a missing field. */
const notSecret = String.raw`(?!\[secret\]|arn:|Required value\b|${quotedByKubernetes})`;

/**
 * Secrets in the formats that Berth and its dependencies use. Every logger applies these patterns, so an error message
 * that quotes a secret does not store it.
 */
const patterns: readonly [RegExp, string][] = [
  // Private keys in PEM: SSH host keys, git keys.
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g, '[secret]'],
  // An Ed25519 private key (PKCS #8) in base64: the format in which an agent receives its git key.
  [/\bMC4CAQAwBQYDK2Vw[\w+/=-]+/g, '[secret]'],
  // JSON Web Tokens: sign-in tokens and service-account tokens have three parts, encrypted refresh tokens have five.
  [/\beyJ[\w-]+(?:\.[\w-]*){2,4}/g, '[secret]'],
  // Berth's API tokens.
  [/\bberth_[\w-]+/g, '[secret]'],
  // Agent tokens.
  [/\bws-[0-9a-z]{26}\.\d+\.[\w-]{43}/g, '[secret]'],
  // Tokens for EKS: a signed URL in base64url.
  [/\bk8s-aws-v1\.[\w-]+/g, '[secret]'],
  // 256 bits in base64url: tickets, app sessions, one-time tokens, replicas' credentials, authorization codes, refresh
  // tokens of the local sign-in. Both cases are required, so a long name with hyphens is not mistaken for a secret.
  [/(?<![\w-])(?=[\w-]*[A-Z])(?=[\w-]*[a-z])[\w-]{43}(?![\w-])/g, '[secret]'],
  [/\b(Bearer|Basic)\s+[\w.~+/=-]{8,}/gi, '$1 [secret]'],
  // AWS access keys, and the signatures and session tokens of signed requests and URLs.
  [/\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/g, '[secret]'],
  [/\b(X-Amz-(?:Signature|Security-Token|Credential)(?:=|%3D))[^&\s"']+/gi, '$1[secret]'],
  [/\b(Signature=)[0-9a-f]{64}\b/g, '$1[secret]'],
  // Values that only their name gives away, in forms, JSON and environment variables; quoted ones may contain spaces.
  [new RegExp(`${named}"${notSecret}(?:[^"\\\\]|\\\\.)+"`, 'gi'), '$1"[secret]"'],
  [new RegExp(`${named}(\\\\?["']?)${notSecret}[^\\s"'\\\\&,;]+`, 'gi'), '$1$2[secret]'],
  // User names and passwords in URLs. The user of an ssh:// URL is public (`git`) and stays.
  [/\b(https?:\/\/)[^/\s@"']+@/gi, '$1[secret]@'],
];

/** Replaces each recognized secret by `[secret]`. */
export const redactSecrets = (text: string): string =>
  patterns.reduce((redacted, [pattern, replacement]) => redacted.replace(pattern, replacement), text);

const longestText = 4_000;

/** Redacts a text for a log and limits its length. */
export const loggableText = (text: string): string => redactSecrets(text).slice(0, longestText);

const errorFields = ({ name, message, stack, cause }: Error): object => ({
  name,
  message,
  stack,
  ...(cause === undefined ? {} : { cause }),
});

/** A replacer for `JSON.stringify`: errors with their causes, and every text as `loggableText`. */
export const loggableValue = (_key: string, value: unknown): unknown => {
  if (value instanceof Error) return errorFields(value);
  return typeof value === 'string' ? loggableText(value) : value;
};
