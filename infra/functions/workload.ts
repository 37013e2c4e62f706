import { type IRole, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { VariableName } from '../../contracts/settings/environment.ts';

/**
 * A function or service that runs Berth's code. A grant adds a permission and the environment variables that go with it
 * in one call, so that neither can be forgotten.
 */
export interface Workload {
  readonly role: IRole;
  addEnvironment(name: VariableName, value: string): void;
}

export const allow = (
  { role }: Pick<Workload, 'role'>,
  actions: string[],
  resources: string[],
  conditions?: Record<string, unknown>,
): void => {
  role.addToPrincipalPolicy(
    new PolicyStatement({ actions, resources, ...(conditions === undefined ? {} : { conditions }) }),
  );
};

/** Allows a workload to use the key through one service only, so that it cannot decrypt data directly. */
export const allowKey = (workload: Pick<Workload, 'role'>, key: IKey, service: string, actions: string[]): void => {
  const host = `${service}.${key.env.region}.amazonaws.com`;
  allow(workload, actions, [key.keyArn], { StringEquals: { 'kms:ViaService': host } });
};
