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
  0  success
  1  failed
  2  invalid usage
  3  not signed in
  4  not found
  5  the workspace's build failed
  6  the workspace runs, but a step of its start failed, such as the dotfiles
  exec and ssh return the exit code of the command that they ran.

Environment variables:
  BERTH_URL        URL of Berth (default: that of your last sign-in, else http://localhost:8080)
  BERTH_TOKEN      API token; takes precedence over "berth login"
  HTTPS_PROXY      proxy for https URLs, HTTP_PROXY for http URLs; NO_PROXY lists the hosts to reach without it
  XDG_CONFIG_HOME  parent folder of berth/, where credentials are stored (default: ~/.config)
  BROWSER          program that opens URLs
  NO_COLOR         if set, output has no colors`;
