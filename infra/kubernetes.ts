import { CfnOutput } from 'aws-cdk-lib';
import {
  CfnAccessEntry,
  Cluster,
  ClusterLoggingTypes,
  EndpointAccess,
  KubernetesVersion,
} from 'aws-cdk-lib/aws-eks-v2';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import type { KubernetesSettings } from '../contracts/kubernetes-settings.ts';
import type { Installation } from './installation.ts';
import type { Network } from './network.ts';
import type { Settings } from './settings.ts';
import type { Worker } from './worker.ts';

/** To whom infra/kubernetes/berth.yaml gives its role: what the kind needs in its namespace, and no more. */
const group = 'berth';

/** Of a new cluster; its tenth address is the resolver's. */
const serviceCidr = '172.20.0.0/16';
const resolver = '172.20.0.10/32';

type Given = NonNullable<Settings['kubernetes']>;

export interface KubernetesProps {
  installation: Installation;
  given: Given;
  network: Network;
  key: IKey;
}

/** The cluster on which workspaces run as pods: a new one in Auto Mode, or one that is there. */
export class Kubernetes extends Construct {
  /** What `BERTH_COMPUTE` says under `kubernetes-pod`. */
  readonly settings: KubernetesSettings;
  readonly oidcIssuer: string;
  readonly #clusterName: string;

  constructor(scope: Construct, id: string, { installation, given, network, key }: KubernetesProps) {
    super(scope, id);
    const { new: wanted, existing, agentImage, architecture, network: reach, ...kind } = given;
    const cluster = existing ?? this.#newCluster(wanted, network, key);
    this.oidcIssuer = cluster.oidcIssuer;
    this.#clusterName = cluster.name;
    this.settings = {
      ...kind,
      installation: installation.settings.name,
      network: wanted === undefined ? reach : { ...reach, dns: [...reach.dns, resolver] },
      agent: { image: agentImage ?? installation.artefacts.agentImage(this, architecture), pullPolicy: 'IfNotPresent' },
      cluster: {
        name: cluster.name,
        endpoint: cluster.endpoint,
        ca: cluster.certificateAuthority,
        region: installation.settings.region,
      },
    };
    new CfnOutput(this, 'ClusterName', { value: cluster.name, description: 'Apply infra/kubernetes/berth.yaml there' });
  }

  /** An entry for the worker's role; what it may is the role's in the namespace. */
  grantMove(worker: Worker & Construct): void {
    new CfnAccessEntry(this, `${worker.node.id}Access`, {
      clusterName: this.#clusterName,
      principalArn: worker.role.roleArn,
      kubernetesGroups: [group],
      type: 'STANDARD',
    });
  }

  #newCluster(wanted: Given['new'], network: Network, key: IKey) {
    const cluster = new Cluster(this, 'Cluster', {
      version: KubernetesVersion.V1_37,
      vpc: network.vpc,
      vpcSubnets: [{ subnets: network.subnets }],
      serviceIpv4Cidr: serviceCidr,
      // The functions are outside of the VPC and have no fixed addresses; each request is signed by a role with an entry.
      endpointAccess: EndpointAccess.PUBLIC_AND_PRIVATE,
      secretsEncryptionKey: key,
      // Deploying gives no rights inside the cluster; the settings name who has them.
      bootstrapClusterCreatorAdminPermissions: false,
      clusterLogging: [ClusterLoggingTypes.AUDIT, ClusterLoggingTypes.AUTHENTICATOR],
    });
    for (const [index, admin] of (wanted?.admins ?? []).entries()) cluster.grantClusterAdmin(`Admin${index}`, admin);
    return {
      name: cluster.clusterName,
      endpoint: cluster.clusterEndpoint,
      certificateAuthority: cluster.clusterCertificateAuthorityData,
      oidcIssuer: cluster.clusterOpenIdConnectIssuerUrl,
    };
  }
}
