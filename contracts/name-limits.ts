/**
 * Names that people choose become DNS labels: an app is served at
 * `<app>--<workspace>--<owner>.<domain>`, and a label has 63 characters at the most.
 * The three limits below add up to it (15 + 2 + 26 + 2 + 18 = 63), and a name never
 * holds `--`, so a label is taken apart in one way only and never needs escaping. A port stands where an app's name
 * does: `3000--demo--ada`.
 */
export const nameLimits = { app: 15, workspace: 26, owner: 18 } as const;
