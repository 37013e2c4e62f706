import { notifyProblem } from './notify.ts';

/** Copies the text and returns whether that worked; notifies the person if the browser refuses. */
export const copyText = async (text: string): Promise<boolean> => {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch (error) {
    // DOMException: permission denied. TypeError: no clipboard API, because the page is served without TLS.
    if (!(error instanceof DOMException || error instanceof TypeError)) throw error;
    notifyProblem('Your browser blocked copying. Select the text, then copy it with the browser’s menu.');
    return false;
  }
};

/** The text on the clipboard; `undefined` if the browser refuses, which is notified to the person. */
export const clipboardText = async (): Promise<string | undefined> => {
  try {
    return await navigator.clipboard.readText();
  } catch (error) {
    if (!(error instanceof DOMException || error instanceof TypeError)) throw error;
    notifyProblem('Your browser blocked access to the clipboard. Allow it, or paste with Ctrl+V or ⌘V.');
    return undefined;
  }
};
