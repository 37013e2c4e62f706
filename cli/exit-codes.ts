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
  exec and ssh end with the code of what they ran.

Environment:
  BERTH_URL        where Berth is (default: where you signed in last, else http://localhost:8080)
  BERTH_TOKEN      an API token; goes before what "berth login" keeps
  XDG_CONFIG_HOME  where "berth login" keeps it, in berth/ (default ~/.config)
  BROWSER          what opens your browser
  NO_COLOR         set, nothing is coloured; piped, nothing is anyway`;
