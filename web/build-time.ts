import type { Plugin } from 'vite';

/**
 * Modules whose exports are worked out once, when the portal is built, and put in its place as JSON, so that what they
 * are made of is not loaded by browsers.
 */
export const buildTime = (modules: readonly URL[]): Plugin => ({
  name: 'berth-build-time',
  async load(id) {
    const module = modules.find(({ pathname }) => pathname === id);
    if (module === undefined) return undefined;
    const values = Object.entries((await import(module.href)) as Record<string, unknown>);
    return values.map(([name, value]) => `export const ${name} = ${JSON.stringify(value)};`).join('\n');
  },
});
