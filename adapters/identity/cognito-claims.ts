/** The claims that Berth's pre token generation trigger adds to Cognito's access tokens. */
export const claim = {
  /** The name, in the settings, of the identity provider that authenticated the person. */
  provider: 'berth:provider',
  /** The provider's identifier of the person: the OpenID Connect subject or the SAML NameID. */
  providerUser: 'berth:provider-user',
  /** A JSON array of group names, as a string. */
  groups: 'berth:groups',
  /** The person's full name. */
  name: 'berth:name',
  /** The value from which the user name is derived. */
  username: 'berth:username',
  /** Present only if the email address is verified. */
  email: 'berth:email',
} as const;
