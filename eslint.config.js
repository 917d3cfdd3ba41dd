import tseslint from 'typescript-eslint';

export default tseslint.config(
  { ignores: ['node_modules/', 'dist/', 'reports/', '.stryker-tmp/'] },
  tseslint.configs.strictTypeChecked,
  {
    languageOptions: {
      parserOptions: {
        projectService: { allowDefaultProject: ['eslint.config.js', 'src/rehearsal/faults/stand-in.mjs'] },
      },
    },
    rules: {
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-import-type-side-effects': 'error',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      eqeqeq: 'error',
      'no-console': 'error',
      'no-restricted-properties': [
        'error',
        {
          object: 'process',
          property: 'env',
          message: 'Only environment.ts, run-command.ts and end-with.ts read the environment.',
        },
        {
          object: 'process',
          property: 'exit',
          message: 'Set process.exitCode, and only in end-with.ts and scripts/.',
        },
      ],
    },
  },
  { files: ['eslint.config.js', '**/*.mjs'], extends: [tseslint.configs.disableTypeChecked] },
  {
    // The variables of flags belong to commands: the frame of them all reads these. The application stand-in and the tests
    // configure themselves and others through the environment.
    files: [
      'src/system/environment.ts',
      'src/commands/run-command.ts',
      'src/commands/end-with.ts',
      // GitHub says there what a step of its is about.
      'scripts/action/**',
      'fixtures/**',
      '**/*.mjs',
      '**/*.test.ts',
      'vitest.config.ts',
    ],
    rules: { 'no-restricted-properties': 'off' },
  },
  { files: ['scripts/**', 'src/commands/**', 'fixtures/**', '**/*.mjs'], rules: { 'no-console': 'off' } },
);
