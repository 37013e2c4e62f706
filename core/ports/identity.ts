/** The claims of a verified sign-in token. */
export interface SignIn {
  subject: string;
  name: string;
  displayName?: string;
  /** Present only when the provider has verified it. */
  email?: string;
  groups: string[];
  /** When the provider issued the token. */
  issuedAt: Date;
  /** When the person signed in, if the token has that claim; a refreshed token keeps it. */
  signedInAt?: Date;
}

export interface Identity {
  /** Verifies a sign-in (access) token. Throws a `BerthError` `unauthenticated` for any token that is not valid. */
  verify(token: string): Promise<SignIn>;
}
