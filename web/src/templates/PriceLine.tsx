import { Text } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import type { ParameterValue } from '../../../contracts/templates/parameters.ts';
import type { TemplateVersion } from '../../../contracts/templates/template.ts';
import { templatePriceQuery } from '../api/templateQueries.ts';
import { formatPrices } from '../lib/prices.ts';
import { checkForm, fieldOf, givenParameters } from './parameterForm.ts';

/** Milliseconds after the last change before the price is requested. */
const debounceMs = 400;

interface Props {
  version: TemplateVersion;
  values: Record<string, ParameterValue | undefined>;
}

/** The price of a workspace with these parameters. Invalid values are not sent. */
export function PriceLine({ version, values }: Props) {
  const wrong = checkForm(version.parameters, values);
  const right = version.parameters.filter((definition) => wrong[fieldOf(definition)] === undefined);
  const [given] = useDebouncedValue(JSON.stringify(givenParameters(right, values)), debounceMs);
  const query = useQuery({
    ...templatePriceQuery(version.template, version.version, JSON.parse(given)),
    placeholderData: keepPreviousData,
  });
  if (query.data === undefined) return null;
  const price = formatPrices(query.data.prices);
  return (
    <Text size="sm" aria-live="polite">
      {price === undefined ? 'No price is set.' : `Price: ${price}.`}
    </Text>
  );
}
