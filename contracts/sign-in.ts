/**
 * Ports on which the CLI waits for the browser's redirect after a sign-in. Fixed, because identity providers require
 * registered redirect URIs; below 32768, where Linux begins to use ports for outgoing connections.
 */
export const cliPorts = [28_462, 28_463, 28_464] as const;

/** `localhost` is the only host for which Cognito accepts a plain HTTP redirect URI. */
export const cliCallback = (port: number): string => `http://localhost:${port}/callback`;
export const cliCallbacks: string[] = cliPorts.map(cliCallback);
