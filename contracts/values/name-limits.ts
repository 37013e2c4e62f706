/**
 * Names that people choose become DNS labels: an app is served at `<app>--<workspace>--<owner>.<domain>`, and a label
 * has at most 63 characters (RFC 1035). The limits add up to that: 15 + 2 + 26 + 2 + 18 = 63. A name cannot contain
 * `--`, so a label has one parse and needs no escaping. A port takes the place of an app's name: `3000--demo--ada`.
 */
export const nameLimits = { app: 15, workspace: 26, owner: 18 } as const;
