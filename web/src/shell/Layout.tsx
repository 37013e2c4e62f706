import { useQuery } from '@tanstack/react-query';
import { Link, Outlet, useLocation } from '@tanstack/react-router';
import { type ReactNode, useEffect, useRef } from 'react';
import { meQuery } from '../api/queries.ts';
import { seesEveryone } from '../lib/roles.ts';
import classes from './Layout.module.css';
import { Logo } from './Logo.tsx';
import { UserMenu } from './UserMenu.tsx';

/** Moves the focus to the content when the path changes, so that screen readers continue there. */
const useFocusOnChange = () => {
  const main = useRef<HTMLElement>(null);
  const { pathname } = useLocation();
  const last = useRef(pathname);
  useEffect(() => {
    if (last.current !== pathname) main.current?.focus({ preventScroll: true });
    last.current = pathname;
  }, [pathname]);
  return main;
};

/** Pages that belong to Templates although their paths do not begin with /templates. */
const isInTemplates = (path: string): boolean => /^\/(new|publish)(\/|$)/.test(path);

function Navigation() {
  const { data: me } = useQuery(meQuery);
  const { pathname } = useLocation();
  return (
    <nav aria-label="Main" className={classes['nav']}>
      <Link to="/workspaces" className={classes['link']}>
        Workspaces
      </Link>
      <Link to="/templates" className={classes['link']} data-part={isInTemplates(pathname) || undefined}>
        Templates
      </Link>
      {seesEveryone(me) && (
        <Link to="/people" className={classes['link']}>
          People
        </Link>
      )}
    </nav>
  );
}

export function Layout({ children = <Outlet /> }: { children?: ReactNode }) {
  const main = useFocusOnChange();
  return (
    <>
      <a className={classes['skip']} href="#content">
        Skip to content
      </a>
      <header className={classes['header']}>
        <div className={classes['bar']}>
          <Link to="/workspaces" className={classes['brand']} aria-label="Berth, go to workspaces">
            <Logo />
            <span>Berth</span>
          </Link>
          <Navigation />
          <UserMenu />
        </div>
      </header>
      <main id="content" ref={main} tabIndex={-1} className={classes['main']}>
        {children}
      </main>
    </>
  );
}
