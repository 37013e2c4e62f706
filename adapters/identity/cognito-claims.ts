/** The claims that Berth's pre-token-generation trigger puts into Cognito's access tokens. */
export const claim = {
  /** A JSON array of names, as text. */
  groups: 'berth:groups',
  /** The person's name in full. */
  name: 'berth:name',
  /** What their user name is made of. */
  username: 'berth:username',
  /** Only when it is verified. */
  email: 'berth:email',
} as const;
