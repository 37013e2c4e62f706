import type { InboundFederationTriggerEvent } from 'aws-lambda';
import { readVariables } from '../../../contracts/settings/environment.ts';
import { inboundFederation } from '../../sign-in/inbound-federation.ts';
import { log, logged } from '../log.ts';

const { BERTH_FEDERATION } = readVariables(process.env, ['BERTH_FEDERATION']);

export const handler = logged(async (event: InboundFederationTriggerEvent) =>
  inboundFederation(BERTH_FEDERATION, log, event),
);
