import { type IRole, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { VariableName } from '../contracts/environment.ts';

/**
 * Something that runs Berth's code. A grant gives it a permission and, in the same call, the variables by which it finds
 * what it may use: wiring cannot half happen.
 */
export interface Worker {
  readonly role: IRole;
  tell(name: VariableName, value: string): void;
}

export const allow = (
  { role }: Pick<Worker, 'role'>,
  actions: string[],
  resources: string[],
  conditions?: Record<string, unknown>,
): void => {
  role.addToPrincipalPolicy(
    new PolicyStatement({ actions, resources, ...(conditions === undefined ? {} : { conditions }) }),
  );
};

/** The key, for one service only: what a worker cannot do by hand it cannot leak. */
export const allowKey = (worker: Pick<Worker, 'role'>, key: IKey, service: string, actions: string[]): void => {
  const host = `${service}.${key.env.region}.amazonaws.com`;
  allow(worker, actions, [key.keyArn], { StringEquals: { 'kms:ViaService': host } });
};
