export interface PortalPlace {
  /** Origins beside its own that the portal asks or opens sockets to. */
  connect: string[];
  /** Where apps are, as a source of a content security policy: tickets are posted there. */
  apps: string;
}

/** Mantine sets styles inline. */
const contentSecurityPolicy = ({ connect, apps }: PortalPlace): string =>
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

/** What the portal is served with, wherever that is. */
export const portalHeaders = (place: PortalPlace) => ({
  'content-security-policy': contentSecurityPolicy(place),
  'x-content-type-options': 'nosniff',
  // Not `no-referrer`: with it a posted ticket has no Origin, by which the gateway knows the portal.
  'referrer-policy': 'strict-origin',
});

/** Names of built assets hold a hash of what is in them. */
export const portalCaching = { assets: 'public, max-age=31536000, immutable', pages: 'no-cache' };
export const portalAssets = '/assets/';
