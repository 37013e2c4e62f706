import { CfnOutput } from 'aws-cdk-lib';
import { Certificate, CertificateValidation, type ICertificate } from 'aws-cdk-lib/aws-certificatemanager';
import type { IAliasRecordTarget } from 'aws-cdk-lib/aws-route53';
import { ARecord, HostedZone, type IHostedZone, RecordTarget } from 'aws-cdk-lib/aws-route53';
import { Construct } from 'constructs';
import type { Settings } from '../settings/settings.ts';

export interface DomainNamesProps {
  settings: Settings;
  /** The hosts of the certificate, the first of which is its domain name. */
  hosts: [string, ...string[]];
  /** The ARN of an existing certificate, if there is no hosted zone. */
  given: string | undefined;
}

/** What a DNS name points to. */
interface DnsTarget {
  target: IAliasRecordTarget;
  /** The target's own DNS name. */
  address: string;
  /** If set, the name can have a record for each region, and clients get the healthy one with the lowest latency. */
  region?: string;
}

/**
 * A certificate and DNS records: created in the hosted zone of the settings; without one, both are the company's own.
 */
export class DomainNames extends Construct {
  readonly certificate: ICertificate;
  readonly #zone: IHostedZone | undefined;

  constructor(scope: Construct, id: string, { settings, hosts, given }: DomainNamesProps) {
    super(scope, id);
    const { hostedZone } = settings.domain;
    this.#zone =
      hostedZone &&
      HostedZone.fromHostedZoneAttributes(this, 'Zone', { hostedZoneId: hostedZone.id, zoneName: hostedZone.name });
    this.certificate = this.#certificate(hosts, given);
  }

  /** Points a host to a target. Without a hosted zone, an output says what the company's own record has to point to. */
  point(id: string, host: string, { target, address, region }: DnsTarget): void {
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
    if (this.#zone === undefined) throw new Error('the settings name neither a hosted zone nor certificates');
    return new Certificate(this, 'Certificate', {
      domainName: host,
      subjectAlternativeNames: others,
      validation: CertificateValidation.fromDns(this.#zone),
    });
  }
}
