/** Where the command line waits for a browser that signed in; fixed, as providers want each address registered. */
export const cliPorts = [53_682, 53_683, 53_684] as const;

/** By this name and no other may an address be plain http, at Cognito too. */
export const cliCallback = (port: number): string => `http://localhost:${port}/callback`;
export const cliCallbacks: string[] = cliPorts.map(cliCallback);
