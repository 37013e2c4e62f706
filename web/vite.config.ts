import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';
import { buildTime } from './build-time.ts';

export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  plugins: [react(), buildTime([new URL('../contracts/addresses.ts', import.meta.url)])],
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    target: 'es2023',
    // Inlined assets become data: URLs, which the content security policy would have to allow.
    assetsInlineLimit: 0,
    // The polyfill is only for browsers without modulepreload, all older than the target.
    modulePreload: { polyfill: false },
  },
});
