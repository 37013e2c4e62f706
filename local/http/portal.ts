import type { IncomingMessage, ServerResponse } from 'node:http';
import sirv from 'sirv';
import { portalFolder } from '../../bundles/portal.ts';
import { portalAssets, portalCaching, portalHeaders } from '../../contracts/portal-headers.ts';

/** Serves the built portal. Every path that is not a file is a route of the single-page app. */
export const servePortal = (origin: string, appDomain: string) => {
  const headers = Object.entries(
    portalHeaders({ connect: [origin.replace('http', 'ws')], apps: `http://*.${appDomain}` }),
  );
  const files = sirv(portalFolder, {
    single: true,
    etag: true,
    brotli: true,
    gzip: true,
    setHeaders: (response: ServerResponse, path: string) => {
      for (const [name, value] of headers) response.setHeader(name, value);
      response.setHeader('cache-control', portalCaching[path.startsWith(portalAssets) ? 'assets' : 'pages']);
    },
  });
  return (request: IncomingMessage, response: ServerResponse, otherwise: () => void) =>
    files(request, response, otherwise);
};
