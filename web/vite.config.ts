import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';
import { evaluateAtBuild } from './build-time.ts';
import { compressOutput } from './compressed.ts';

export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  plugins: [react(), evaluateAtBuild([new URL('../contracts/client/addresses.ts', import.meta.url)]), compressOutput()],
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
