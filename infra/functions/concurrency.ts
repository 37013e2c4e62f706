/**
 * Reserved concurrency, out of an account's usual 1,000, for the functions that people wait for: in a burst of starts,
 * workflow steps use all the rest. A reservation is also the function's maximum. The API's throttling admits 1,000
 * polls per second, each of which takes about 50 ms.
 */
export const reserved = {
  'api-system': 20,
  'api-people': 30,
  'api-templates': 30,
  'api-template-files': 10,
  'api-workspaces': 150,
  /** For each trigger of sign-in: Cognito admits 25 federated sign-ins per second. */
  'sign-in': 50,
  /** The sweep, and the function that sizes VM pools: concurrent runs would only repeat the work. */
  single: 1,
} as const;

/** The sum of an installation's reservations. */
export const reservedBy = ({ hasPools }: { hasPools: boolean }): number =>
  reserved['api-system'] +
  reserved['api-people'] +
  reserved['api-templates'] +
  reserved['api-template-files'] +
  reserved['api-workspaces'] +
  2 * reserved['sign-in'] +
  reserved.single * (hasPools ? 2 : 1);
