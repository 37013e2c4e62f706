import { Button, Text, Title } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { Template } from '../../../contracts/routes.ts';
import { AppIcon } from './AppIcon.tsx';
import { QuickCreate } from './QuickCreate.tsx';
import classes from './TemplateCard.module.css';

export function TemplateCard({ template }: { template: Template }) {
  return (
    <li className={`berth-card ${classes['card']}`}>
      <span className={classes['icon']}>
        <AppIcon name={template.icon} size={30} />
      </span>
      <Title order={3} size="h4">
        {template.displayName}
      </Title>
      <Text size="sm" c="dimmed" className={classes['text']}>
        {template.description}
      </Text>
      <div className={classes['acts']}>
        <Button
          renderRoot={(props) => <Link to="/new/$template" params={{ template: template.name }} {...props} />}
          aria-label={`Choose ${template.displayName}`}
        >
          Choose
        </Button>
        <QuickCreate template={template.name} displayName={template.displayName} />
      </div>
    </li>
  );
}
