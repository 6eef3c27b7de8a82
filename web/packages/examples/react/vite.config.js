import { defineConfig } from 'vite';

export default defineConfig({
  // JSX needs no plugin.
  esbuild: { jsx: 'automatic' },
  // The core's worker is a module.
  worker: { format: 'es' },
  // A strict policy has no room for scripts and files inside addresses.
  build: { assetsInlineLimit: 0, modulePreload: { polyfill: false } },
});
