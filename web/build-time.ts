import type { Plugin } from 'vite';

/** Evaluates modules when the portal is built and replaces them by their exports as JSON, without their imports. */
export const evaluateAtBuild = (modules: readonly URL[]): Plugin => ({
  name: 'berth-build-time',
  async load(id) {
    const module = modules.find(({ pathname }) => pathname === id);
    if (module === undefined) return undefined;
    const values = Object.entries((await import(module.href)) as Record<string, unknown>);
    return values.map(([name, value]) => `export const ${name} = ${JSON.stringify(value)};`).join('\n');
  },
});
