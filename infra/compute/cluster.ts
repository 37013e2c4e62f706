import { CfnOutput } from 'aws-cdk-lib';
import type { CfnCluster } from 'aws-cdk-lib/aws-eks';
import {
  CfnAccessEntry,
  Cluster,
  ClusterLoggingTypes,
  EndpointAccess,
  KubernetesVersion,
} from 'aws-cdk-lib/aws-eks-v2';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import type { KubernetesSettings } from '../../contracts/settings/kubernetes.ts';
import type { Workload } from '../functions/workload.ts';
import type { Network } from '../network/network.ts';
import type { Installation } from '../settings/installation.ts';
import type { Settings } from '../settings/settings.ts';

/** The Kubernetes group to which infra/kubernetes/berth.yaml binds its role. */
const group = 'berth';

/** The service network of a new cluster. Its tenth address is the cluster's DNS resolver. */
const serviceCidr = '172.20.0.0/16';
const resolver = '172.20.0.10/32';

type Given = NonNullable<Settings['kubernetes']>;

export interface KubernetesProps {
  installation: Installation;
  given: Given;
  network: Network;
  key: IKey;
}

/** The cluster that runs workspaces as pods: a new one in Auto Mode or an existing one. */
export class Kubernetes extends Construct {
  /** The value of `kubernetes-pod` in `BERTH_COMPUTE`. */
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
      agent: { image: agentImage ?? installation.artifacts.agentImage(this, architecture), pullPolicy: 'IfNotPresent' },
      cluster: {
        name: cluster.name,
        endpoint: cluster.endpoint,
        ca: cluster.certificateAuthority,
        region: installation.settings.region,
      },
    };
    new CfnOutput(this, 'ClusterName', { value: cluster.name, description: 'Apply infra/kubernetes/berth.yaml there' });
  }

  /** Adds an access entry for a workload. Its permissions are those of the Kubernetes role in the namespace. */
  grantMove(workload: Workload & Construct): void {
    new CfnAccessEntry(this, `${workload.node.id}Access`, {
      clusterName: this.#clusterName,
      principalArn: workload.role.roleArn,
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
      // The functions run outside of the VPC without fixed addresses; each request needs a role with an access entry.
      endpointAccess: EndpointAccess.PUBLIC_AND_PRIVATE,
      secretsEncryptionKey: key,
      // Whoever deploys gets no permissions in the cluster; the settings name its admins.
      bootstrapClusterCreatorAdminPermissions: false,
      clusterLogging: [ClusterLoggingTypes.AUDIT, ClusterLoggingTypes.AUTHENTICATOR],
    });
    // The cluster is in the stateless stack because it needs the network, but its volumes are the workspaces' homes.
    (cluster.node.defaultChild as CfnCluster).deletionProtection = true;
    for (const [index, admin] of (wanted?.admins ?? []).entries()) cluster.grantClusterAdmin(`Admin${index}`, admin);
    return {
      name: cluster.clusterName,
      endpoint: cluster.clusterEndpoint,
      certificateAuthority: cluster.clusterCertificateAuthorityData,
      oidcIssuer: cluster.clusterOpenIdConnectIssuerUrl,
    };
  }
}
