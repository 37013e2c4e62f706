/** The exit codes of all commands but `exec`, which returns the code of the command it ran. */
export const exitCodes = {
  ok: 0,
  failed: 1,
  usage: 2,
  notSignedIn: 3,
  notFound: 4,
  buildFailed: 5,
  stepFailed: 6,
} as const;

export const exitCodeHelp = `
Exit codes:
  0  done
  1  failed
  2  wrong usage
  3  not signed in
  4  not found
  5  the workspace's build failed
  6  the workspace runs, but a step of its start failed, such as the dotfiles
  exec and ssh end with the code of what they ran.

Environment:
  BERTH_URL        where Berth is (default: where you signed in last, else http://localhost:8080)
  BERTH_TOKEN      an API token; goes before what "berth login" keeps
  HTTPS_PROXY      the proxy between you and Berth, HTTP_PROXY for an http address; NO_PROXY names hosts without one
  XDG_CONFIG_HOME  where "berth login" keeps it, in berth/ (default ~/.config)
  BROWSER          what opens your browser
  NO_COLOR         set, nothing is coloured; piped, nothing is anyway`;
