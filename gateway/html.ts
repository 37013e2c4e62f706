/** Markup that is safe as it stands. Only `html` makes it. */
export class Html {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (found) => entities[found] as string);

/** A template whose every value is escaped, unless it is `Html` itself. */
export const html = (parts: TemplateStringsArray, ...values: readonly (string | Html)[]): Html =>
  new Html(
    parts.reduce((text, part, index) => {
      const value = values[index - 1] as string | Html;
      return text + (value instanceof Html ? value.text : escapeHtml(value)) + part;
    }),
  );
