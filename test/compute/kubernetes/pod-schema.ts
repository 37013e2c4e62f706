import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as client from '@kubernetes/client-node';

/**
 * Writes compute/kubernetes/spec/pod-schema.json: every type that a pod spec is made of, with its fields. Names and
 * types come from @kubernetes/client-node; which are required, which are quantities, and what an enumeration holds is
 * asked of the validators of kubernetes-models, whose own code for a pod would be 400 KB of a bundle. Run it as `node
 * test/compute/kubernetes/pod-schema.ts` after either package changed.
 */
export const schemaFile = join(import.meta.dirname, '../../../compute/kubernetes/spec/pod-schema.json');

/** A type's fields: `name` or `name!` (required) to a type as compute/kubernetes/spec/pod-fields.ts reads it. */
type PodSchema = Record<string, Record<string, string>>;

interface Attribute {
  baseName: string;
  type: string;
  format: string;
}

interface Flaw {
  instancePath: string;
  keyword: string;
  params: { missingProperty?: string; allowedValues?: string[] };
}
type Flaws = (data: unknown) => Flaw[];

const attributesOf = (type: string): Attribute[] => {
  const found = (client as unknown as Record<string, { attributeTypeMap?: Attribute[] } | undefined>)[type];
  if (found?.attributeTypeMap === undefined) throw new Error(`@kubernetes/client-node has no type ${type}`);
  return found.attributeTypeMap;
};

/** Of the machinery, not of core/v1. */
const inMeta = new Set([
  'LabelSelector',
  'LabelSelectorRequirement',
  'ObjectMeta',
  'OwnerReference',
  'ManagedFieldsEntry',
]);
const short = (type: string): string => type.replace(/^(Core)?V1/, '');

const flawsOf = async (type: string): Promise<Flaws> => {
  const module = inMeta.has(type)
    ? `@kubernetes-models/apimachinery/_schemas/IoK8sApimachineryPkgApisMetaV1${type}`
    : `kubernetes-models/_schemas/IoK8sApiCoreV1${type}`;
  const { validate } = (await import(module)) as { validate: ((data: unknown) => boolean) & { errors?: Flaw[] } };
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

const typeOf = ({ baseName, type, format }: Attribute, flaws: Flaws): string => {
  const list = /^Array<(.*)>$/.exec(type)?.[1];
  if (list !== undefined) return `${typeOf({ baseName: '', type: list, format }, flaws)}[]`;
  if (type === 'number') return format.startsWith('int') ? 'int' : 'number';
  const known = simple[type];
  if (known === undefined) return short(type);
  const of = (value: unknown) =>
    flaws({ [baseName]: value }).filter(({ instancePath }) => instancePath.startsWith(`/${baseName}`));
  if (known === 'strings') return baseName !== '' && of({ x: 1.5 }).length === 0 ? 'quantities' : known;
  if (known !== 'string' || baseName === '') return known;
  if (of(1.5).length === 0) return 'quantity';
  const options = of('\0').find(({ keyword }) => keyword === 'enum')?.params.allowedValues;
  return options === undefined ? known : `=${options.join('|')}`;
};

/** The schema as the installed packages have it. */
export const podSchema = async (): Promise<PodSchema> => {
  const schema: PodSchema = {};
  const add = async (type: string): Promise<void> => {
    const name = short(type);
    if (schema[name] !== undefined) return;
    const fields: Record<string, string> = {};
    schema[name] = fields;
    const flaws = await flawsOf(name);
    const required = new Set(flaws({}).map(({ params }) => params.missingProperty));
    for (const attribute of attributesOf(type)) {
      fields[`${attribute.baseName}${required.has(attribute.baseName) ? '!' : ''}`] = typeOf(attribute, flaws);
      const inner = /(Core)?V1\w+/.exec(attribute.type)?.[0];
      if (inner !== undefined) await add(inner);
    }
  };
  await add('V1PodSpec');
  return schema;
};

if (import.meta.main) writeFileSync(schemaFile, `${JSON.stringify(await podSchema(), null, 2)}\n`);
