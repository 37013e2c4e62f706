import { Title } from '@mantine/core';
import { type ReactNode, useId } from 'react';
import classes from './Card.module.css';

interface Props {
  title: string;
  className?: string | undefined;
  children: ReactNode;
}

/** A section of a page in a box, labelled by its heading. */
export function Card({ title, className = classes['card'], children }: Props) {
  const id = useId();
  return (
    <section className={`berth-card ${className}`} aria-labelledby={id}>
      <Title order={2} size="h4" id={id}>
        {title}
      </Title>
      {children}
    </section>
  );
}
