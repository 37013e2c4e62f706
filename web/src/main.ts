import './strict.ts';
import { mayBeSignedIn, onSession, startSession } from './auth/session.ts';
import { signInPage } from './auth/signInPage.ts';

/**
 * The first script: small and without React, so that a sign-in starts before the portal is loaded. If the person is
 * probably signed in, the portal loads in parallel with the session.
 */
const container = document.getElementById('root');
if (container === null) throw new Error('index.html has no element #root.');

const loadPortal = () => import('./App.tsx');
const page = signInPage(container);
let unmount: (() => void) | undefined;

const showPortal = async (): Promise<void> => {
  try {
    unmount = (await loadPortal()).showPortal(container);
  } catch (error) {
    page.failed(error);
  }
};

/** Loads the portal ahead of time. A failure is ignored here, because `showPortal` tries again and reports it. */
const preloadPortal = (): void => {
  loadPortal().catch(() => undefined);
};

onSession((session) => {
  switch (session.status) {
    case 'loading':
      return;
    case 'signed-in':
      return void showPortal();
    case 'failed':
      return page.failed(session.error);
    case 'signed-out':
      unmount?.();
      unmount = undefined;
      // The portal is then cached when the person returns from the identity provider.
      return page.signIn(session.notice, preloadPortal);
  }
});

if (mayBeSignedIn()) preloadPortal();
void startSession();
