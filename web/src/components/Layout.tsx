import { Group } from '@mantine/core';
import { Link, Outlet, useLocation } from '@tanstack/react-router';
import { type ReactNode, useEffect, useRef } from 'react';
import classes from './Layout.module.css';
import { Logo } from './Logo.tsx';
import { SchemeButton } from './SchemeButton.tsx';
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
          <nav aria-label="Main" className={classes['nav']}>
            <Link to="/workspaces" className={classes['link']}>
              Workspaces
            </Link>
            <Link to="/new" className={classes['link']}>
              Templates
            </Link>
          </nav>
          <Group gap={4} wrap="nowrap">
            <SchemeButton />
            <UserMenu />
          </Group>
        </div>
      </header>
      <main id="content" ref={main} tabIndex={-1} className={classes['main']}>
        {children}
      </main>
    </>
  );
}
