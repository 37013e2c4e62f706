/** Markup that needs no escaping. Only `html` creates it from values. */
export class Html {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (found) => entities[found] as string);

/** A template that escapes every value that is not `Html`. */
export const html = (parts: TemplateStringsArray, ...values: readonly (string | Html)[]): Html =>
  new Html(
    parts.reduce((text, part, index) => {
      const value = values[index - 1] as string | Html;
      return text + (value instanceof Html ? value.text : escapeHtml(value)) + part;
    }),
  );
