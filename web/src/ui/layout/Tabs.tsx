import { Link, type LinkProps } from '@tanstack/react-router';
import classes from './Tabs.module.css';

export interface Tab {
  label: string;
  link: LinkProps;
}

/** Sections of a page, each with its own URL. */
export function Tabs({ label, tabs }: { label: string; tabs: readonly Tab[] }) {
  return (
    <nav aria-label={label} className={classes['tabs']}>
      {tabs.map((tab) => (
        <Link key={tab.label} {...tab.link} className={classes['tab']} resetScroll={false}>
          {tab.label}
        </Link>
      ))}
    </nav>
  );
}
