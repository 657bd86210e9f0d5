import { fileURLToPath } from 'node:url';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import type { Plugin } from 'vite';
import { defineConfig } from 'vitest/config';

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** What `src-tauri/tauri.conf.json` asks of the page; the preview serves it too, so that a breach shows early. */
const contentSecurityPolicy =
  "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src 'self' data:; connect-src ipc: http://ipc.localhost; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/**
 * The window freezes `Object.prototype` (`freezePrototype`), so that nothing can be assigned that has the name of something in it. xterm
 * assigns a function `toString` once, while it is loaded: it is defined instead. A version in which that is not found is not built.
 */
function forFrozenPrototypes(): Plugin {
  const assigned = /(\w+)\.toString=(\w+);/g;
  return {
    name: 'beffroi:frozen-prototypes',
    transform(code, id) {
      if (!id.includes('/@xterm/xterm/lib/')) return null;
      if (code.match(assigned)?.length !== 1) throw new Error('xterm assigns to names of Object.prototype in another way now');
      return { code: code.replace(assigned, 'Object.defineProperty($1,"toString",{value:$2});'), map: null };
    },
  };
}

export default defineConfig(({ mode, command }) => {
  const fake = mode === 'fake';
  return {
    plugins: [svelte(), forFrozenPrototypes()],
    optimizeDeps: { exclude: ['@xterm/xterm'] },
    clearScreen: false,
    define: {
      __FAKE__: JSON.stringify(fake),
      __DESIGN__: JSON.stringify(fake || command === 'serve' || process.env['TAURI_ENV_DEBUG'] === 'true'),
    },
    resolve: {
      alias: {
        $design: here('./src/design'),
        $features: here('./src/features'),
        $generated: here('./src/generated'),
        $i18n: here('./src/i18n'),
        $ipc: here('./src/ipc'),
        $platform: here('./src/platform'),
        $shell: here('./src/shell'),
        $messages: here('../assets/messages'),
      },
      ...(mode === 'test' ? { conditions: ['browser'] } : {}),
    },
    server: {
      port: 5173,
      strictPort: true,
      watch: { ignored: ['**/src-tauri/**', '**/target/**'] },
      fs: { allow: ['..'] },
    },
    preview: { headers: { 'Content-Security-Policy': contentSecurityPolicy } },
    build: {
      outDir: fake ? 'dist-fake' : 'dist',
      emptyOutDir: true,
      target: 'es2022',
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
    },
    test: {
      environment: 'jsdom',
      include: ['src/**/*.test.ts'],
      setupFiles: ['src/test-setup.ts'],
      // For a test that hangs; how busy a machine is decides nothing.
      testTimeout: 60_000,
    },
  };
});
