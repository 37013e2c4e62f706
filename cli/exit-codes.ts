/** `exec` answers with its command's own code instead. */
export const exitCodes = { ok: 0, failed: 1, usage: 2, notSignedIn: 3, notFound: 4, buildFailed: 5 } as const;

export const exitCodeHelp = `
Exit codes:
  0  done
  1  failed
  2  wrong usage
  3  not signed in
  4  not found
  5  the workspace's build failed
  exec ends with the code of its command.

Environment:
  BERTH_URL    where Berth is (default http://localhost:8080)
  BERTH_TOKEN  your API token
  NO_COLOR     set, nothing is coloured`;
