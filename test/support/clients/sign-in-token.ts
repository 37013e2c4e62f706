import { createPrivateKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { people } from '../../../local/sign-in/seeded-people.ts';
import { signedToken } from '../../ports/tokens.ts';

/** Returns a sign-in token like the local provider's for the portal and `berth login`, valid for ten minutes. */
export const signInToken = ({ url, dataDir }: { url: string; dataDir: string }, name: string): string => {
  const { kid, ...key } = JSON.parse(readFileSync(join(dataDir, 'signing-key.json'), 'utf8'));
  const privateKey = createPrivateKey({ key, format: 'jwk' });
  const iat = Math.floor(Date.now() / 1000);
  const person = people.find((one) => one.name === name);
  const claims = {
    sub: name,
    name: person?.displayName,
    preferred_username: name,
    email: person?.email,
    email_verified: true,
    groups: person?.groups,
  };
  return signedToken(
    { kid, privateKey, publicKey: privateKey },
    { ...claims, iss: `${url}/oidc`, aud: `${url}/api`, scope: 'berth', iat, exp: iat + 600 },
    { typ: 'at+jwt' },
  );
};
