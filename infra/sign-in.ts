import { Duration, RemovalPolicy, SecretValue } from 'aws-cdk-lib';
import {
  AccountRecovery,
  type AttributeMapping,
  FeaturePlan,
  type IUserPoolIdentityProvider,
  LambdaVersion,
  ManagedLoginVersion,
  OAuthScope,
  ProviderAttribute,
  StringAttribute,
  UserPool,
  type UserPoolClient,
  UserPoolClientIdentityProvider,
  UserPoolIdentityProviderOidc,
  UserPoolIdentityProviderSaml,
  UserPoolIdentityProviderSamlMetadata,
  UserPoolOperation,
} from 'aws-cdk-lib/aws-cognito';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import { cliCallbacks } from '../contracts/sign-in.ts';
import { BerthFunction } from './function.ts';
import type { Installation } from './installation.ts';
import type { Worker } from './worker.ts';

export interface SignInProps {
  installation: Installation;
  key: IKey;
}

/** Sign-in through the company's identity provider. Nobody has a password here. */
export class SignIn extends Construct {
  readonly pool: UserPool;
  readonly preToken: BerthFunction;
  readonly #clientId: string;
  readonly #issuerHost: string;

  constructor(scope: Construct, id: string, { installation, key }: SignInProps) {
    super(scope, id);
    this.pool = this.#pool();
    this.#issuerHost = installation.addresses.issuer;
    const client = this.#client(installation, this.#provider(installation));
    this.#clientId = client.userPoolClientId;
    this.pool.addDomain('Domain', {
      cognitoDomain: { domainPrefix: installation.settings.signIn.domainPrefix },
      managedLoginVersion: ManagedLoginVersion.CLASSIC_HOSTED_UI,
    });
    // It stands with the pool: were it in the other stack, each would need the other first.
    this.preToken = new BerthFunction(this, 'PreToken', {
      installation,
      key,
      entry: 'sign-in-pre-token',
      description: 'Puts a person’s groups into the access token',
      // Reads an event and answers; Cognito itself gives up after 5 s.
      memory: 256,
      timeout: Duration.seconds(5),
    });
    this.pool.addTrigger(UserPoolOperation.PRE_TOKEN_GENERATION_CONFIG, this.preToken.lambda, LambdaVersion.V2_0);
  }

  /** Lets a worker know whose tokens are good; checking them takes no permission. */
  tell(worker: Worker): void {
    worker.tell('BERTH_ISSUER', `https://${this.#issuerHost}/${this.pool.userPoolId}`);
    worker.tell('BERTH_CLIENT_ID', this.#clientId);
  }

  #pool(): UserPool {
    return new UserPool(this, 'Pool', {
      selfSignUpEnabled: false,
      accountRecovery: AccountRecovery.NONE,
      signInAliases: { username: true },
      customAttributes: { groups: new StringAttribute({ mutable: true, maxLen: 2_048 }) },
      // The least plan whose trigger may change access tokens.
      featurePlan: FeaturePlan.ESSENTIALS,
      passwordPolicy: {
        minLength: 16,
        requireDigits: true,
        requireLowercase: true,
        requireUppercase: true,
        requireSymbols: true,
      },
      deletionProtection: true,
      removalPolicy: RemovalPolicy.RETAIN,
    });
  }

  #provider({ settings }: Installation): IUserPoolIdentityProvider {
    const { saml, oidc, attributes } = settings.signIn;
    const { other } = ProviderAttribute;
    const attributeMapping: AttributeMapping = {
      fullname: other(attributes.name),
      preferredUsername: other(attributes.username),
      email: other(attributes.email),
      ...(attributes.emailVerified === undefined ? {} : { emailVerified: other(attributes.emailVerified) }),
      custom: { 'custom:groups': other(attributes.groups) },
    };
    if (saml !== undefined) {
      return new UserPoolIdentityProviderSaml(this, 'Provider', {
        userPool: this.pool,
        name: saml.name,
        metadata: UserPoolIdentityProviderSamlMetadata.url(saml.metadataUrl),
        // To leave Berth is not to leave the company; and it would take a logout address set up at the provider.
        idpSignout: false,
        attributeMapping,
      });
    }
    if (oidc === undefined) throw new Error('settings name no identity provider');
    return new UserPoolIdentityProviderOidc(this, 'Provider', {
      userPool: this.pool,
      name: oidc.name,
      issuerUrl: oidc.issuer,
      clientId: oidc.clientId,
      // CloudFormation reads the secret when it deploys; the template holds only where it is.
      clientSecret: SecretValue.secretsManager(oidc.clientSecret).unsafeUnwrap(),
      scopes: oidc.scopes,
      attributeMapping,
    });
  }

  /** Portal and CLI: public, so with PKCE and no secret. */
  #client({ addresses }: Installation, provider: IUserPoolIdentityProvider): UserPoolClient {
    const client = this.pool.addClient('Portal', {
      generateSecret: false,
      authFlows: {},
      oAuth: {
        flows: { authorizationCodeGrant: true },
        scopes: [OAuthScope.OPENID, OAuthScope.PROFILE, OAuthScope.EMAIL],
        callbackUrls: [`https://${addresses.portal}/signed-in`, ...cliCallbacks],
        logoutUrls: [`https://${addresses.portal}/`],
      },
      supportedIdentityProviders: [UserPoolClientIdentityProvider.custom(provider.providerName)],
      preventUserExistenceErrors: true,
      enableTokenRevocation: true,
      // Groups are the provider's newest word at most a quarter of an hour later; a day's work needs one sign-in.
      accessTokenValidity: Duration.minutes(15),
      idTokenValidity: Duration.minutes(15),
      refreshTokenValidity: Duration.hours(12),
    });
    client.node.addDependency(provider);
    return client;
  }
}
