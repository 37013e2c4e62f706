import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as client from '@kubernetes/client-node';

/**
 * Run `node test/compute/kubernetes/pod-schema.ts` after @kubernetes/client-node or kubernetes-models changed. It
 * writes compute/kubernetes/spec/pod-schema.json: every type in a pod spec, with its fields. Names and types are those
 * of
 * @kubernetes/client-node. Required fields, quantities and enumerations come from the validators of kubernetes-models,
 * whose own code for a pod would add 400 KB to a bundle.
 */
export const schemaFile = join(import.meta.dirname, '../../../compute/kubernetes/spec/pod-schema.json');

/** A type's fields: `name` or `name!` (required) to a type as compute/kubernetes/spec/pod-fields.ts reads it. */
type PodSchema = Record<string, Record<string, string>>;

interface Attribute {
  baseName: string;
  type: string;
  format: string;
}

interface ValidationError {
  instancePath: string;
  keyword: string;
  params: { missingProperty?: string; allowedValues?: string[] };
}
type Validate = (data: unknown) => ValidationError[];

const attributesOf = (type: string): Attribute[] => {
  const found = (client as unknown as Record<string, { attributeTypeMap?: Attribute[] } | undefined>)[type];
  if (found?.attributeTypeMap === undefined) throw new Error(`@kubernetes/client-node has no type ${type}`);
  return found.attributeTypeMap;
};

/** Types of apimachinery (meta/v1), not of core/v1. */
const inMeta = new Set([
  'LabelSelector',
  'LabelSelectorRequirement',
  'ObjectMeta',
  'OwnerReference',
  'ManagedFieldsEntry',
]);
const short = (type: string): string => type.replace(/^(Core)?V1/, '');

const validatorOf = async (type: string): Promise<Validate> => {
  const module = inMeta.has(type)
    ? `@kubernetes-models/apimachinery/_schemas/IoK8sApimachineryPkgApisMetaV1${type}`
    : `kubernetes-models/_schemas/IoK8sApiCoreV1${type}`;
  const { validate } = (await import(module)) as {
    validate: ((data: unknown) => boolean) & { errors?: ValidationError[] };
  };
  return (data) => (validate(data) ? [] : (validate.errors ?? []));
};

const simple: Record<string, string> = {
  string: 'string',
  boolean: 'boolean',
  IntOrString: 'intOrString',
  any: 'any',
  Date: 'string',
  '{ [key: string]: string; }': 'strings',
};

const typeOf = ({ baseName, type, format }: Attribute, validate: Validate): string => {
  const list = /^Array<(.*)>$/.exec(type)?.[1];
  if (list !== undefined) return `${typeOf({ baseName: '', type: list, format }, validate)}[]`;
  if (type === 'number') return format.startsWith('int') ? 'int' : 'number';
  const known = simple[type];
  if (known === undefined) return short(type);
  const of = (value: unknown) =>
    validate({ [baseName]: value }).filter(({ instancePath }) => instancePath.startsWith(`/${baseName}`));
  if (known === 'strings') return baseName !== '' && of({ x: 1.5 }).length === 0 ? 'quantities' : known;
  if (known !== 'string' || baseName === '') return known;
  if (of(1.5).length === 0) return 'quantity';
  const options = of('\0').find(({ keyword }) => keyword === 'enum')?.params.allowedValues;
  return options === undefined ? known : `=${options.join('|')}`;
};

/** The schema of the installed packages. */
export const podSchema = async (): Promise<PodSchema> => {
  const schema: PodSchema = {};
  const add = async (type: string): Promise<void> => {
    const name = short(type);
    if (schema[name] !== undefined) return;
    const fields: Record<string, string> = {};
    schema[name] = fields;
    const validate = await validatorOf(name);
    const required = new Set(validate({}).map(({ params }) => params.missingProperty));
    for (const attribute of attributesOf(type)) {
      fields[`${attribute.baseName}${required.has(attribute.baseName) ? '!' : ''}`] = typeOf(attribute, validate);
      const inner = /(Core)?V1\w+/.exec(attribute.type)?.[0];
      if (inner !== undefined) await add(inner);
    }
  };
  await add('V1PodSpec');
  return schema;
};

if (import.meta.main) writeFileSync(schemaFile, `${JSON.stringify(await podSchema(), null, 2)}\n`);
