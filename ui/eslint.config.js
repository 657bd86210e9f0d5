import globals from 'globals';
import svelte from 'eslint-plugin-svelte';
import ts from 'typescript-eslint';
import svelteConfig from './svelte.config.js';

const tauri = { group: ['@tauri-apps/*'], message: 'Only platform/tauri.ts speaks to Tauri; ask the Platform.' };
const insides = { group: ['$features/*/*'], message: 'A feature is imported through its index.ts only.' };
const upwards = (layers) => ({ group: layers.flatMap((layer) => [layer, `${layer}/*`]), message: 'This layer may not know that one (see README.md).' });
const escape = { group: ['../../*'], message: 'Leave the folder through an alias ($design, $ipc, …), so that the arrows stay visible.' };

const restrict = (...patterns) => ({ 'no-restricted-imports': ['error', { patterns: [tauri, insides, ...patterns] }] });

export default ts.config(
  { ignores: ['dist', 'dist-fake', 'node_modules', 'src/generated'] },
  ...ts.configs.strict,
  ...svelte.configs.recommended,
  {
    languageOptions: { globals: { ...globals.browser, __FAKE__: 'readonly', __DESIGN__: 'readonly' } },
    rules: {
      eqeqeq: 'error',
      'no-console': 'error',
      'no-restricted-properties': [
        'error',
        ...['innerHTML', 'outerHTML', 'insertAdjacentHTML'].map((property) => ({ property, message: 'Text from a host is never markup: render nodes.' })),
      ],
      'no-restricted-syntax': [
        'error',
        { selector: 'SvelteAttribute[key.name="style"]', message: 'The CSP forbids style attributes: use a class, or a style: directive with a computed value.' },
        { selector: 'SvelteMustacheTag[kind="raw"]', message: 'Text from a host is never markup: render nodes.' },
      ],
      ...restrict(),
    },
  },
  { files: ['**/*.svelte', '**/*.svelte.ts'], languageOptions: { parserOptions: { parser: ts.parser, extraFileExtensions: ['.svelte'], svelteConfig } } },
  { files: ['src/design/**'], rules: restrict(escape, upwards(['$features', '$shell', '$ipc', '$i18n', '$platform', '$generated'])) },
  { files: ['src/i18n/**'], rules: restrict(escape, upwards(['$features', '$shell', '$ipc', '$platform'])) },
  { files: ['src/ipc/**'], rules: restrict(escape, upwards(['$features', '$shell', '$design', '$i18n'])) },
  { files: ['src/platform/**'], rules: restrict(escape, upwards(['$features', '$shell', '$design', '$i18n', '$ipc'])) },
  { files: ['src/platform/tauri.ts'], rules: { 'no-restricted-imports': 'off' } },
  { files: ['src/features/**'], rules: restrict(escape, upwards(['$shell', '$platform'])) },
  { files: ['src/features/**/*.test.ts', 'src/features/**/*.bench.ts'], rules: restrict(upwards(['$shell'])) },
  { files: ['*.config.js', '*.config.ts'], languageOptions: { globals: globals.node } },
);
