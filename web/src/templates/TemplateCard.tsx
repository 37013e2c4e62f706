import { Badge, Button, Group, Text, Title } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { Template } from '../../../contracts/templates/template.ts';
import { formatPrices } from '../lib/prices.ts';
import { AppIcon } from '../ui/elements/AppIcon.tsx';
import listCard from '../ui/layout/ListCard.module.css';
import { QuickCreate } from './QuickCreate.tsx';
import classes from './TemplateCard.module.css';

interface Props {
  template: Template;
  /** The level of the heading. */
  order: 2 | 3;
}

export function TemplateCard({ template, order }: Props) {
  const { name, displayName, description, icon, deprecated, prices } = template;
  const params = { template: name };
  const price = prices && formatPrices(prices);
  return (
    <li className={`berth-card ${classes['card']}`}>
      <Group wrap="nowrap" gap="sm">
        <span className={listCard['icon']}>
          <AppIcon name={icon} size={30} />
        </span>
        <div>
          <Title order={order} size="h4">
            <Link to="/templates/$template" params={params} className={`${listCard['name']} ${classes['name']}`}>
              {displayName}
            </Link>
          </Title>
          {deprecated !== undefined && <Badge color="yellow.9">Deprecated</Badge>}
        </div>
      </Group>
      <Text size="sm" c="dimmed" className={classes['text']}>
        {deprecated === undefined || deprecated.message === '' ? description : deprecated.message}
      </Text>
      {price !== undefined && <Text size="sm">{price}</Text>}
      <div className={classes['actions']}>
        {deprecated === undefined && (
          <Button
            renderRoot={(props) => <Link to="/new/$template" params={params} {...props} />}
            aria-label={`Choose ${displayName}`}
          >
            Choose
          </Button>
        )}
        <QuickCreate template={name} displayName={displayName} />
      </div>
    </li>
  );
}
