import { notifyProblem } from './notify.ts';

/** Copies a text; says so where the browser refuses. Whether it was copied. */
export const copyText = async (text: string): Promise<boolean> => {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch (error) {
    // A DOMException is a refusal, a TypeError a page without TLS, which has no clipboard at all.
    if (!(error instanceof DOMException || error instanceof TypeError)) throw error;
    notifyProblem('The browser does not let this page copy. Select the text and use the browser’s own menu.');
    return false;
  }
};

/** What is on the clipboard; `undefined`, and said so, where the browser refuses. */
export const clipboardText = async (): Promise<string | undefined> => {
  try {
    return await navigator.clipboard.readText();
  } catch (error) {
    if (!(error instanceof DOMException || error instanceof TypeError)) throw error;
    notifyProblem('The browser does not let this page read the clipboard. Allow it, or paste by Ctrl+V or ⌘V.');
    return undefined;
  }
};
