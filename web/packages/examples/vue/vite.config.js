import vue from '@vitejs/plugin-vue';
import { defineConfig } from 'vite';

export default defineConfig({
  // Vue leaves these elements to the browser.
  plugins: [vue({ template: { compilerOptions: { isCustomElement: (tag) => tag.startsWith('vitrine-') } } })],
  // The core's worker is a module, and lies where the package does: `vite dev` must not move it.
  worker: { format: 'es' },
  optimizeDeps: { exclude: ['@vitrine/core', '@vitrine/elements'] },
  // The packages of this example lie in the checkout's `target/packages`.
  server: { fs: { allow: ['../../../..'] } },
  // A strict policy has no room for scripts and files inside addresses.
  build: { assetsInlineLimit: 0, modulePreload: { polyfill: false } },
});
