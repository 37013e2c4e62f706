import type { PreTokenGenerationV2TriggerEvent } from 'aws-lambda';
import { preToken } from '../../sign-in/pre-token.ts';
import { logged } from '../log.ts';

export const handler = logged(async (event: PreTokenGenerationV2TriggerEvent) => preToken(event));
