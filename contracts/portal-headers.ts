export interface PortalAddresses {
  /** Other origins that the portal sends requests or opens WebSockets to. */
  connect: string[];
  /** Hosts of apps, as a source of a content security policy: the portal posts tickets to them. */
  apps: string;
}

/** `unsafe-inline` because Mantine sets inline styles. */
const contentSecurityPolicy = ({ connect, apps }: PortalAddresses): string =>
  [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data:",
    "font-src 'self'",
    `connect-src ${["'self'", ...connect].join(' ')}`,
    `form-action 'self' ${apps}`,
    "frame-ancestors 'none'",
    "base-uri 'none'",
  ].join('; ');

/** Response headers of the portal, on AWS and locally. */
export const portalHeaders = (addresses: PortalAddresses) => ({
  'content-security-policy': contentSecurityPolicy(addresses),
  'x-content-type-options': 'nosniff',
  // With `no-referrer`, a posted ticket would have no Origin, by which the gateway recognizes the portal.
  'referrer-policy': 'strict-origin',
});

/** The names of built assets contain a hash of their content. */
export const portalCaching = { assets: 'public, max-age=31536000, immutable', pages: 'no-cache' };
export const portalAssets = '/assets/';
