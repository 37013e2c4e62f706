import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { podFieldProblems } from '../../../compute/kubernetes/spec/pod-fields.ts';
import { kubernetesPodSpec } from '../../../compute/kubernetes/spec/spec.ts';
import { resolveExpressions } from '../../../core/templates/file/expressions.ts';
import { parseTemplate } from '../../../core/templates/file/parse.ts';
import { testSettings } from './fixture.ts';
import { podSchema, schemaFile } from './pod-schema.ts';

test('the pod schema is that of the installed packages; update it with `node test/compute/kubernetes/pod-schema.ts`', async () => {
  expect(JSON.parse(readFileSync(schemaFile, 'utf8'))).toEqual(await podSchema());
});

const problems = (spec: unknown) => podFieldProblems(spec).map(({ path, message }) => `${path.join('.')} ${message}`);
const withContainer = (more: object) => ({ containers: [{ name: 'dev', image: 'debian', ...more }] });

test.each([
  [{}, 'containers is missing'],
  [{ containers: {} }, 'containers must be a list'],
  [{ ...withContainer({}), hostname: null }, 'hostname is empty (null); leave it out or give it a value'],
  [
    withContainer({ imagePullPolicy: 'Sometimes' }),
    'containers.0.imagePullPolicy must be one of Always, IfNotPresent, Never',
  ],
  [withContainer({ enviroment: [] }), 'containers.0.enviroment is not a field of Container'],
  [
    withContainer({ env: [{ name: 'A', value: 1 }] }),
    'containers.0.env.0.value must be a string (in quotes, if it looks like a number)',
  ],
  [
    withContainer({ resources: { limits: { memory: 'much' } } }),
    'containers.0.resources.limits must be amounts by name, such as cpu: 250m',
  ],
  [withContainer({ ports: [{ containerPort: '80' }] }), 'containers.0.ports.0.containerPort must be a whole number'],
  [
    withContainer({ securityContext: { privileged: 'true' } }),
    'containers.0.securityContext.privileged must be true or false',
  ],
  [{ ...withContainer({}), tolerations: ['spot'] }, 'tolerations.0 must have the fields of a Toleration'],
  [{ ...withContainer({}), constructor: {} }, 'constructor is not a field of PodSpec'],
])('reports for %j: %s', (spec, problem) => {
  expect(problems(spec)).toEqual([problem]);
});

test('accepts a spec that uses many fields', () => {
  const spec = {
    ...withContainer({
      env: [{ name: 'NODE', valueFrom: { fieldRef: { fieldPath: 'spec.nodeName' } } }],
      resources: { limits: { cpu: 2, memory: '1.5Gi', 'nvidia.com/gpu': 1 }, requests: { cpu: '250m' } },
      readinessProbe: { httpGet: { port: 'web', path: '/' } },
    }),
    affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [] } } },
    tolerations: [{ key: 'spot', operator: 'Exists' }],
    volumes: [{ name: 'cache', emptyDir: { sizeLimit: '1Gi' } }],
  };
  expect(problems(spec)).toEqual([]);
});

const root = join(import.meta.dirname, '../../..');
test.each(globSync('templates/kubernetes/*/template.yaml', { cwd: root }))('the template %s is valid', (file) => {
  const template = parseTemplate(readFileSync(join(root, file), 'utf8'), file);
  const parameters = Object.fromEntries(template.parameters.map(({ name, default: usual }) => [name, usual ?? '']));
  const workspace = { id: 'ws-00000000000000000000000001', name: 'demo', owner: 'ada' };
  const spec = resolveExpressions(template.compute.spec, { parameters, workspace });
  const read = kubernetesPodSpec(testSettings({ privilegedTemplates: ['docker-pod'] })).safeParse(spec);
  expect(read.error?.issues).toBeUndefined();
});
