import { Text } from '@mantine/core';
import type { UseQueryResult } from '@tanstack/react-query';
import { parameterLabel } from '../../../contracts/templates/check-parameters.ts';
import type { Parameter } from '../../../contracts/templates/parameters.ts';
import type { TemplatePreview } from '../../../contracts/templates/template.ts';
import { errorMessage } from '../lib/errors.ts';
import { formatPrices } from '../lib/prices.ts';
import { LoadingState } from '../ui/feedback/Load.tsx';
import classes from './TemplateFacts.module.css';

interface ListProps {
  preview: TemplatePreview;
  /** For the labels of unknown parameters. */
  definitions?: readonly Parameter[];
}

/** Names the parameters whose values the preview assumed. */
const unknownText = (assumed: readonly string[], definitions: readonly Parameter[]): string => {
  if (assumed.length === 0) return '';
  const labels = assumed.map((name) => parameterLabel(definitions.find((one) => one.name === name) ?? { name }));
  return ` This is an estimate, because you choose ${labels.join(', ')} when you create a workspace.`;
};

/** The resources and the price of a workspace. */
function PreviewList({ preview: { kind, resources, prices, assumed }, definitions = [] }: ListProps) {
  const price = formatPrices(prices);
  return (
    <>
      <ul className={classes['resources']}>
        {resources.map(({ type, name, kept }) => (
          <li key={`${type}/${name}`}>
            <Text span fw={600}>
              {type}
            </Text>{' '}
            {name}
            {kept && (
              <Text span size="sm" c="dimmed">
                {' '}
                · kept when stopped
              </Text>
            )}
          </li>
        ))}
      </ul>
      <Text size="sm" c="dimmed">
        Compute: {kind}. {price === undefined ? 'No price is set.' : `Price: ${price}.`}
        {unknownText(assumed, definitions)}
      </Text>
    </>
  );
}

interface Props {
  query: UseQueryResult<TemplatePreview>;
  definitions?: readonly Parameter[];
}

/** The resources that a workspace would have. */
export function Preview({ query, definitions = [] }: Props) {
  if (query.data !== undefined) return <PreviewList preview={query.data} definitions={definitions} />;
  if (!query.isError) return <LoadingState what="the resources" />;
  return (
    <Text size="sm" c="dimmed">
      Berth could not preview the resources. {errorMessage(query.error)}
    </Text>
  );
}
