import { useQuery } from '@tanstack/react-query';
import { Link, Outlet, useLocation } from '@tanstack/react-router';
import { type ReactNode, useEffect, useRef } from 'react';
import { meQuery } from '../api/queries.ts';
import { seesEveryone } from '../lib/roles.ts';
import classes from './Layout.module.css';
import { Logo } from './Logo.tsx';
import { UserMenu } from './UserMenu.tsx';

/** Moves the focus to the page's content when the page changes, as a full load would. */
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

/** What is made of templates, or makes them, has no address below theirs. */
const isOfTemplates = (path: string): boolean => /^\/(new|publish)(\/|$)/.test(path);

function Navigation() {
  const { data: me } = useQuery(meQuery);
  const { pathname } = useLocation();
  return (
    <nav aria-label="Main" className={classes['nav']}>
      <Link to="/workspaces" className={classes['link']}>
        Workspaces
      </Link>
      <Link to="/templates" className={classes['link']} data-part={isOfTemplates(pathname) || undefined}>
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
        Skip to the content
      </a>
      <header className={classes['header']}>
        <div className={classes['bar']}>
          <Link to="/workspaces" className={classes['brand']} aria-label="Berth, to your workspaces">
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
