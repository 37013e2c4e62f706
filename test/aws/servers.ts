import type { TestProject } from 'vitest/node';
import { optional } from '../requirements.ts';
import { dynamoAvailable, startDynamoLocal } from '../table/dynamodb-local.ts';
import { startMoto } from './doubles/moto.ts';
import { VenvUnavailable } from './doubles/venv.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** The endpoint of moto; `null` on a machine without Python. */
    moto: string | null;
    /** The endpoint of DynamoDB Local; `null` on a machine without Java. */
    dynamo: string | null;
  }
}

const motoIfAvailable = async () => {
  try {
    return await startMoto();
  } catch (error) {
    if (!(error instanceof VenvUnavailable)) throw error;
    optional('tests against moto (Step Functions, Scheduler, Kinesis, Cognito, EC2 …)', false, error.message);
    return undefined;
  }
};

/** Starts one server of each kind for the whole run; tests use different names for their resources. */
export default async ({ provide }: TestProject) => {
  const moto = await motoIfAvailable();
  const dynamo = dynamoAvailable('tests against DynamoDB Local') ? await startDynamoLocal() : undefined;
  provide('moto', moto?.endpoint ?? null);
  provide('dynamo', dynamo?.endpoint ?? null);
  return async () => {
    await moto?.stop();
    await dynamo?.stop();
  };
};
