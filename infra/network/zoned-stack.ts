import { Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';

export interface ZonedStackProps extends StackProps {
  zones: string[];
}

/** A stack with the availability zones of the settings; the CDK's own lookup would need credentials at synthesis. */
export class ZonedStack extends Stack {
  readonly #zones: string[];

  constructor(scope: Construct, id: string, { zones, ...props }: ZonedStackProps) {
    super(scope, id, props);
    this.#zones = zones;
  }

  override get availabilityZones(): string[] {
    return this.#zones;
  }
}
