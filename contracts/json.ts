/** A text as JSON; `undefined` for one that is none: the parser's own error would quote it. */
export const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch (thrown) {
    if (thrown instanceof SyntaxError) return undefined;
    throw thrown;
  }
};
