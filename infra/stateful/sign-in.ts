import { Duration, RemovalPolicy, SecretValue } from 'aws-cdk-lib';
import {
  AccountRecovery,
  type AttributeMapping,
  type CfnUserPool,
  type CfnUserPoolClient,
  ClientAttributes,
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
import { ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import type { FederationSettings } from '../../contracts/settings/federation.ts';
import { cliCallbacks } from '../../contracts/sign-in.ts';
import { BerthFunction } from '../functions/berth-function.ts';
import { reserved } from '../functions/concurrency.ts';
import type { Workload } from '../functions/workload.ts';
import type { Installation } from '../settings/installation.ts';

export interface SignInProps {
  installation: Installation;
  key: IKey;
}

/** A trigger only transforms its event, and Cognito stops waiting after 5 s. */
const trigger = { memory: 256, timeout: Duration.seconds(5), atMost: reserved['sign-in'] };

/**
 * The attributes of a profile. Cognito writes a mapped attribute only if the client has write access to it;
 * `email_verified` is not allowed in this list, and Cognito writes it anyway.
 */
const written = new ClientAttributes()
  .withStandardAttributes({ fullname: true, preferredUsername: true, email: true })
  .withCustomAttributes('groups');

/** Sign-in through the company's identity provider only; the user pool has no passwords. */
export class SignIn extends Construct {
  readonly pool: UserPool;
  readonly preToken: BerthFunction;
  readonly inboundFederation: BerthFunction;
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
    // The triggers are in the pool's stack: in another one, the stacks would depend on each other.
    this.inboundFederation = this.#inboundFederation(installation, key);
    this.preToken = new BerthFunction(this, 'PreToken', {
      installation,
      key,
      entry: 'sign-in-pre-token',
      description: 'Adds a person’s groups to the access token',
      ...trigger,
    });
    this.pool.addTrigger(UserPoolOperation.PRE_TOKEN_GENERATION_CONFIG, this.preToken.lambda, LambdaVersion.V2_0);
  }

  /** Sets the issuer and client whose tokens a workload accepts. Verifying them needs no permission. */
  addIssuerTo(workload: Workload): void {
    workload.addEnvironment('BERTH_ISSUER', `https://${this.#issuerHost}/${this.pool.userPoolId}`);
    workload.addEnvironment('BERTH_CLIENT_ID', this.#clientId);
  }

  #pool(): UserPool {
    return new UserPool(this, 'Pool', {
      selfSignUpEnabled: false,
      accountRecovery: AccountRecovery.NONE,
      signInAliases: { username: true },
      customAttributes: { groups: new StringAttribute({ mutable: true, maxLen: 2_048 }) },
      // The cheapest plan whose trigger can change access tokens.
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

  /** The construct library does not support this trigger yet. */
  #inboundFederation(installation: Installation, key: IKey): BerthFunction {
    const { roles, signIn } = installation.settings;
    const made = new BerthFunction(this, 'InboundFederation', {
      installation,
      key,
      entry: 'sign-in-inbound-federation',
      description: 'Updates a person’s profile from the identity provider at sign-in',
      ...trigger,
    });
    const settings: FederationSettings = {
      attributes: signIn.attributes,
      groups: { roles: Object.values(roles).filter((group) => group !== undefined), named: signIn.groups },
    };
    made.addEnvironment('BERTH_FEDERATION', JSON.stringify(settings));
    const { functionArn } = made.lambda;
    const pool = this.pool.node.defaultChild as CfnUserPool;
    pool.addPropertyOverride('LambdaConfig.InboundFederation', { LambdaArn: functionArn, LambdaVersion: 'V1_0' });
    made.lambda.addPermission('Cognito', {
      principal: new ServicePrincipal('cognito-idp.amazonaws.com'),
      sourceArn: this.pool.userPoolArn,
    });
    return made;
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
        // Signing out of Berth does not sign out of the company's provider, which would need a logout URL there.
        idpSignout: false,
        attributeMapping,
      });
    }
    if (oidc === undefined) throw new Error('the settings name no identity provider');
    return new UserPoolIdentityProviderOidc(this, 'Provider', {
      userPool: this.pool,
      name: oidc.name,
      issuerUrl: oidc.issuer,
      clientId: oidc.clientId,
      // A dynamic reference: CloudFormation reads the secret during the deployment, and the template has only its ARN.
      clientSecret: SecretValue.secretsManager(oidc.clientSecret).unsafeUnwrap(),
      scopes: oidc.scopes,
      attributeMapping,
    });
  }

  /** The portal and the command line: a public client, with PKCE and without a secret. */
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
      writeAttributes: written,
      enableTokenRevocation: true,
      // Changes of groups at the provider take effect within 15 minutes, and a working day needs one sign-in.
      accessTokenValidity: Duration.minutes(15),
      idTokenValidity: Duration.minutes(15),
      refreshTokenValidity: Duration.hours(12),
    });
    client.node.addDependency(provider);
    // If the list were empty, Cognito would allow sign-in with passwords (SRP) and custom challenges.
    const resource = client.node.defaultChild as CfnUserPoolClient;
    resource.explicitAuthFlows = ['ALLOW_REFRESH_TOKEN_AUTH'];
    return client;
  }
}
