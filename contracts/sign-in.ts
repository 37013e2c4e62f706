/**
 * Where the command line waits for a browser that signed in; fixed, as providers want each address registered. Below
 * 32768, from where on systems give ports to outgoing connections, one of which would hold them now and then.
 */
export const cliPorts = [28_462, 28_463, 28_464] as const;

/** By this name and no other may an address be plain http, at Cognito too. */
export const cliCallback = (port: number): string => `http://localhost:${port}/callback`;
export const cliCallbacks: string[] = cliPorts.map(cliCallback);
