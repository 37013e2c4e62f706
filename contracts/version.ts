/** The version of Berth. The API returns it, and the CLI warns when its own version differs. */
export const version = '0.1.0';
