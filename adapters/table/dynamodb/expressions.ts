import { indexKey } from '../../../contracts/table-indexes.ts';
import type { Change, Condition, Query } from '../../../core/ports/table.ts';

/** Collects the names and values that an expression references. */
const references = () => {
  const names: Record<string, string> = {};
  const values: Record<string, unknown> = {};
  return {
    name: (attribute: string): string => {
      const reference = `#${Object.keys(names).length}`;
      names[reference] = attribute;
      return reference;
    },
    value: (value: unknown): string => {
      const reference = `:${Object.keys(values).length}`;
      values[reference] = value;
      return reference;
    },
    /** DynamoDB rejects empty maps. */
    attributes: () => ({
      ...(Object.keys(names).length > 0 ? { ExpressionAttributeNames: names } : {}),
      ...(Object.keys(values).length > 0 ? { ExpressionAttributeValues: values } : {}),
    }),
  };
};
type References = ReturnType<typeof references>;

const conditionOf = ({ absent, present, equals = {}, atMost = {} }: Condition, { name, value }: References): string => {
  const isAbsent = absent === true ? ['attribute_not_exists(pk)'] : [];
  const isPresent = present === true ? ['attribute_exists(pk)'] : [];
  const areEqual = Object.entries(equals).map(([attribute, wanted]) => `${name(attribute)} = ${value(wanted)}`);
  const areAtMost = Object.entries(atMost).map(([attribute, limit]) => {
    const reference = name(attribute);
    const isWithin = `${reference} <= ${value(limit)}`;
    // A missing counter counts as 0.
    return limit >= 0 ? `(attribute_not_exists(${reference}) OR ${isWithin})` : isWithin;
  });
  return [...isAbsent, ...isPresent, ...areEqual, ...areAtMost].join(' AND ');
};

const additions = (amounts: Record<string, number>, { name, value }: References): string =>
  Object.entries(amounts)
    .map(([attribute, amount]) => `${name(attribute)} ${value(amount)}`)
    .join(', ');

/** Returns the expressions of one change of a transaction. A failed condition returns the current item. */
export const changeExpressions = (change: Change) => {
  const used = references();
  const UpdateExpression = 'add' in change ? `ADD ${additions(change.amounts, used)}` : undefined;
  const ConditionExpression = conditionOf(change.when ?? {}, used);
  return {
    ...(UpdateExpression === undefined ? {} : { UpdateExpression }),
    ...(ConditionExpression === ''
      ? {}
      : { ConditionExpression, ReturnValuesOnConditionCheckFailure: 'ALL_OLD' as const }),
    ...used.attributes(),
  };
};

const rangeOf = ({ prefix, from, to }: Query, sk: string, { value }: References): string[] => {
  if (prefix !== undefined) return [`begins_with(${sk}, ${value(prefix)})`];
  if (from !== undefined && to !== undefined) return [`${sk} BETWEEN ${value(from)} AND ${value(to)}`];
  if (from !== undefined) return [`${sk} >= ${value(from)}`];
  return to === undefined ? [] : [`${sk} <= ${value(to)}`];
};

/** The key condition of a query. */
export const queryExpressions = (query: Query) => {
  const used = references();
  const { pk, sk } = query.index === undefined ? { pk: 'pk', sk: 'sk' } : indexKey(query.index);
  const isPartition = `${used.name(pk)} = ${used.value(query.pk)}`;
  const isBounded = query.prefix !== undefined || query.from !== undefined || query.to !== undefined;
  const isInRange = isBounded ? rangeOf(query, used.name(sk), used) : [];
  return { KeyConditionExpression: [isPartition, ...isInRange].join(' AND '), ...used.attributes() };
};
