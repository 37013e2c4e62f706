import { Badge, Button, Group, Text, Title } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { Template } from '../../../contracts/routes.ts';
import { AppIcon } from './AppIcon.tsx';
import nameClasses from './CardName.module.css';
import { QuickCreate } from './QuickCreate.tsx';
import classes from './TemplateCard.module.css';

interface Props {
  template: Template;
  /** Of its heading: one below that of the page's part. */
  order: 2 | 3;
}

export function TemplateCard({ template, order }: Props) {
  const { name, displayName, description, icon, deprecated } = template;
  const params = { template: name };
  return (
    <li className={`berth-card ${classes['card']}`}>
      <Group wrap="nowrap" gap="sm">
        <span className={classes['icon']}>
          <AppIcon name={icon} size={30} />
        </span>
        <div>
          <Title order={order} size="h4">
            <Link to="/templates/$template" params={params} className={`${nameClasses['name']} ${classes['name']}`}>
              {displayName}
            </Link>
          </Title>
          {deprecated !== undefined && <Badge color="yellow.9">Deprecated</Badge>}
        </div>
      </Group>
      <Text size="sm" c="dimmed" className={classes['text']}>
        {deprecated === undefined || deprecated.message === '' ? description : deprecated.message}
      </Text>
      <div className={classes['acts']}>
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
