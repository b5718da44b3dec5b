import { svelte } from '@sveltejs/vite-plugin-svelte'
import { defineConfig } from 'vite'

// Names without a hash: the committed build stays small to review. What draws the map is a file of its own, which only its
// page loads.
export default defineConfig({
  plugins: [svelte()],
  build: {
    target: 'es2022',
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    rollupOptions: {
      output: {
        entryFileNames: 'console.js',
        chunkFileNames: 'console-[name].js',
        assetFileNames: 'console[extname]',
      },
    },
  },
  server: { proxy: { '/api': { target: 'https://127.0.0.1:8443', secure: false } } },
})
