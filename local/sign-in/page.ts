import type { LocalPerson } from './seeded-people.ts';

const escaped = (text: string) => text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);

const style = `
  :root { color-scheme: light dark; --ink: #0b2540; --paper: #f4f8fb; --card: #fff; --line: #d5e0ea; --accent: #0b7285; }
  @media (prefers-color-scheme: dark) { :root { --ink: #e6eef5; --paper: #0b1622; --card: #122233; --line: #26394d; --accent: #3bc9db; } }
  body { margin: 0; min-height: 100vh; display: grid; place-items: center; background: var(--paper); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }
  main { width: min(24rem, calc(100vw - 2rem)); padding: 1.5rem 0; }
  h1 { font-size: 1.5rem; margin: 0 0 .25rem; } p { margin: 0 0 1.25rem; opacity: .85; }
  button { display: flex; width: 100%; min-height: 56px; align-items: center; gap: .75rem; margin: 0 0 .6rem; padding: .6rem 1rem; border: 1px solid var(--line); border-radius: .6rem; background: var(--card); color: inherit; font: inherit; text-align: left; cursor: pointer; }
  button:hover, button:focus-visible { border-color: var(--accent); outline: 2px solid var(--accent); outline-offset: 1px; }
  strong { display: block; } small { opacity: .8; }
`;

/** The page on which a user of a local Berth chooses who to sign in as. */
export const signInPage = (action: string, people: readonly LocalPerson[]): string => `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Sign in to Berth</title><style>${style}</style></head><body><main>
<h1>Sign in to Berth</h1>
<p>This local Berth has no single sign-on. Choose who to sign in as.</p>
<form method="post" action="${escaped(action)}">${people.map(button).join('')}</form>
</main></body></html>`;

const button = ({ name, displayName, about, groups }: LocalPerson) =>
  `<button name="person" value="${escaped(name)}"><span><strong>${escaped(displayName)}</strong><small>${escaped(name)}, ${escaped(about)}, in ${escaped(groups.join(', '))}</small></span></button>`;

/** Asks for confirmation, because any site can link here. `form` is the provider's, with its CSRF token. */
export const signOutPage = (form: string, back: string): string => `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Sign out of Berth</title><style>${style}</style></head><body><main>
<h1>Sign out of Berth?</h1><p>Your workspaces keep running until they stop automatically.</p>
${form}<button form="op.logoutForm" name="logout" value="yes">Sign out</button>
<p><a href="${escaped(back)}">Stay signed in</a></p></main></body></html>`;

export const messagePage = (title: string, message: string, back: string): string => `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(title)}</title><style>${style}</style></head><body><main>
<h1>${escaped(title)}</h1><p>${escaped(message)}</p><p><a href="${escaped(back)}">Back to Berth</a></p></main></body></html>`;
