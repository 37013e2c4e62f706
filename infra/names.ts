import { CfnOutput } from 'aws-cdk-lib';
import { Certificate, CertificateValidation, type ICertificate } from 'aws-cdk-lib/aws-certificatemanager';
import type { IAliasRecordTarget } from 'aws-cdk-lib/aws-route53';
import { ARecord, HostedZone, type IHostedZone, RecordTarget } from 'aws-cdk-lib/aws-route53';
import { Construct } from 'constructs';
import type { Settings } from './settings.ts';

export interface NamesProps {
  settings: Settings;
  /** What the certificate is for; the first is its own name. */
  hosts: [string, ...string[]];
  /** The certificate of the settings, when there is no zone. */
  given: string | undefined;
}

/** What answers for a name. */
export interface Answering {
  target: IAliasRecordTarget;
  /** Its own name. */
  address: string;
  /** With it the name may have one of these in each region, and people are led to the nearest that is well. */
  region?: string;
}

/** Certificates and names: made in the zone of the settings, or, without one, the company's own. */
export class Names extends Construct {
  readonly certificate: ICertificate;
  readonly #zone: IHostedZone | undefined;

  constructor(scope: Construct, id: string, { settings, hosts, given }: NamesProps) {
    super(scope, id);
    const { hostedZone } = settings.domain;
    this.#zone =
      hostedZone &&
      HostedZone.fromHostedZoneAttributes(this, 'Zone', { hostedZoneId: hostedZone.id, zoneName: hostedZone.name });
    this.certificate = this.#certificate(hosts, given);
  }

  /** Leads a host to what answers it; without a zone it is told as an output, for the company to do so. */
  point(id: string, host: string, { target, address, region }: Answering): void {
    if (this.#zone === undefined) {
      new CfnOutput(this, id, { value: address, description: `Point ${host} here (CNAME, or an alias)` });
      return;
    }
    new ARecord(this, id, {
      zone: this.#zone,
      recordName: `${host}.`,
      target: RecordTarget.fromAlias(target),
      ...(region === undefined ? {} : { region, setIdentifier: region }),
    });
  }

  #certificate([host, ...others]: [string, ...string[]], given: string | undefined): ICertificate {
    if (given !== undefined) return Certificate.fromCertificateArn(this, 'Certificate', given);
    if (this.#zone === undefined) throw new Error('settings name neither a zone nor certificates');
    return new Certificate(this, 'Certificate', {
      domainName: host,
      subjectAlternativeNames: others,
      validation: CertificateValidation.fromDns(this.#zone),
    });
  }
}
