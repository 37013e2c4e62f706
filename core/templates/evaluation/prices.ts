import type { Prices, TemplateFile } from '../../../contracts/templates/template-file.ts';
import { BerthError } from '../../errors.ts';
import { type ExpressionContext, resolveExpressions } from '../file/expressions.ts';
import { defaultsOf } from './sample-parameters.ts';

const example = { id: `ws-${'0'.repeat(26)}`, name: 'example', owner: 'example' };

/** Returns a workspace's price per hour with these parameters; throws `invalid_template` for an invalid amount. */
export const pricesOf = ({ prices }: TemplateFile, parameters: ExpressionContext['parameters']): Prices => {
  const amount = (field: keyof Prices): number => {
    const value = resolveExpressions<unknown>(prices[field], { parameters, workspace: example });
    if (typeof value === 'number' && value >= 0) return value;
    throw new BerthError('invalid_template', `is ${JSON.stringify(value)}, which is not an amount`, {
      field: `prices.${field}`,
    });
  };
  return { runningPerHour: amount('runningPerHour'), stoppedPerHour: amount('stoppedPerHour') };
};

/** The price for the form's defaults, with an example value for each parameter without a default. */
export const defaultPrices = (file: TemplateFile): Prices => pricesOf(file, defaultsOf(file));
