import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { Finding } from '../../../contracts/doctor.ts';
import type { Context } from '../../../infra/doctor/context/check.ts';
import { examine } from '../../../infra/doctor/examine.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import type { Rule } from '../doubles/request-rules.ts';
import { type DoctorFixture, limits, openDoctorFixture, zones } from './fixture.ts';

/** An installation to examine, and how to examine it with other settings or with other responses of AWS. */
export const doctorSuite = () => {
  let opened: { fixture: DoctorFixture; folder: string } | undefined;
  const current = () => {
    if (opened === undefined) throw new Error('The fixture is opened in beforeAll.');
    return opened;
  };
  const open = async (endpoint: string) => {
    opened = { folder: temporaryFolder(), fixture: await openDoctorFixture(endpoint) };
  };
  const stop = () => opened?.fixture.stop();

  /** Replaces the response of one operation of AWS while `look` runs. */
  const during = async <T>(operation: string, rule: Rule, look: () => Promise<T>): Promise<T> => {
    const restore = current().fixture.rules.rule(operation, rule);
    try {
      return await look();
    } finally {
      restore();
    }
  };
  const fails = (...sentences: (string | RegExp)[]) =>
    sentences.map((sentence) =>
      expect.stringMatching(typeof sentence === 'string' ? `^fail: .*${sentence}` : sentence),
    );

  const examineSettings = (parts: Record<string, unknown>, change: Partial<Context> = {}): Promise<Finding[]> => {
    const file = join(current().folder, 'berth.config.yaml');
    writeFileSync(file, JSON.stringify(current().fixture.settingsWith(parts)));
    return examine(file, () => ({ ...current().fixture.context(), ...change }), limits);
  };
  const resourcesOf: Rule = async ({ StackName }) => {
    const { stateful, stateless, portal: portalStack } = current().fixture.deployment;
    const stacks = [stateful, stateless, portalStack];
    const found = stacks.find((stack) => stack?.name === StackName)?.resources ?? [];
    return {
      StackResourceSummaries: found.map(({ id, type, physicalId }) => ({
        LogicalResourceId: id,
        ResourceType: type,
        PhysicalResourceId: physicalId,
      })),
    };
  };

  const oidc = {
    name: 'Login',
    issuer: 'https://login.example.com',
    clientId: 'berth',
    clientSecret: '',
  };
  /** Settings that name existing resources of the company. */
  const existingResources = () => {
    const { network: net, key, certificates, secret } = current().fixture.prerequisites;
    return {
      domain: { name: 'berth.example.com', certificates },
      network: { existing: { vpcId: net.vpcId, cidr: '10.60.0.0/16', zones, publicSubnets: [net.a, net.b] } },
      encryptionKey: key,
      signIn: { domainPrefix: 'berth-example', oidc: { ...oidc, clientSecret: secret } },
    };
  };
  const existing = (change: object) => ({
    network: { existing: { ...existingResources().network.existing, ...change } },
  });

  return {
    get fixture() {
      return current().fixture;
    },
    open,
    stop,
    during,
    fails,
    examineSettings,
    resourcesOf,
    existingResources,
    existing,
  };
};
export type DoctorSuite = ReturnType<typeof doctorSuite>;
