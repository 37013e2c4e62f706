import { errorMessage } from '../lib/errors.ts';
import { signIn, startSession } from './session.ts';

const lastAttempt = 'berth.sign-in-at';

/** Milliseconds within which a second automatic sign-in would indicate a loop. */
const loopWindow = 30_000;

/**
 * A person who opened a page directly (a link, a new tab) is redirected to the identity provider without a click. One
 * who opened `/`, came back from a failed sign-in, or whose session expired sees the page first.
 */
const redirectsAutomatically = (notice: string | undefined): boolean =>
  notice === undefined &&
  location.pathname !== '/' &&
  Date.now() - Number(sessionStorage.getItem(lastAttempt) ?? 0) > loopWindow;

const part = <K extends keyof HTMLElementTagNameMap>(page: ParentNode, selector: K): HTMLElementTagNameMap[K] => {
  const found = page.querySelector(selector);
  if (found === null) throw new Error(`The sign-in page in index.html has no ${selector}.`);
  return found;
};

interface Page {
  title: string;
  button: string;
  notice?: string | undefined;
  press: () => Promise<unknown>;
}

/** The page that signed-out people see: one button. Its markup is in index.html. */
export const signInPage = (container: HTMLElement) => {
  const show = ({ title, button: label, notice = '', press }: Page): void => {
    const template = document.getElementById('sign-in') as HTMLTemplateElement;
    container.replaceChildren(template.content.cloneNode(true));
    document.title = `${title} · Berth`;
    const button = part(container, 'button');
    const alert = part(container, 'div[role="alert"]' as 'div');
    button.textContent = label;
    // Screen readers announce an alert only if it was in the page before its text.
    requestAnimationFrame(() => {
      alert.textContent = notice;
    });
    button.addEventListener('click', () => {
      button.disabled = true;
      press().catch((error: unknown) => {
        button.disabled = false;
        alert.textContent = errorMessage(error);
      });
    });
  };

  const shell = [...container.childNodes];
  const redirect = (): Promise<void> => {
    sessionStorage.setItem(lastAttempt, String(Date.now()));
    return signIn();
  };

  const showSignIn = (notice?: string): void => show({ title: 'Sign in', button: 'Sign in', notice, press: redirect });

  return {
    /** Redirects to the identity provider, or shows the button and calls `idle`. */
    signIn: (notice: string | undefined, idle: () => void): void => {
      if (redirectsAutomatically(notice)) {
        container.replaceChildren(...shell);
        redirect().catch((error: unknown) => showSignIn(`Could not start the sign-in. ${errorMessage(error)}`));
        return;
      }
      showSignIn(notice);
      idle();
    },
    failed: (error: unknown): void =>
      show({
        title: 'Could not reach Berth',
        button: 'Try again',
        notice: errorMessage(error),
        press: startSession,
      }),
  };
};
