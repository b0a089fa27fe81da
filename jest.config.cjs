const swc = JSON.parse(require('node:fs').readFileSync(`${__dirname}/.swcrc`, 'utf8'));

module.exports = {
  testMatch: ['<rootDir>/{apps,libs,test,tools}/**/*.spec.ts'],
  testEnvironment: 'node',
  testTimeout: 60_000,
  maxWorkers: process.env.CI ? 2 : '50%',
  globalSetup: '<rootDir>/tools/jest.global-setup.cjs',
  globalTeardown: '<rootDir>/tools/jest.global-teardown.cjs',
  setupFiles: ['<rootDir>/tools/jest.setup.cjs'],
  moduleNameMapper: { '^@nakku/(.*)$': '<rootDir>/libs/$1/src/index.ts', '^(\\.{1,2}/.*)\\.js$': '$1' },
  // .swcrc leaves the specs out of the build; here they are what is wanted.
  transform: { '^.+\\.ts$': ['@swc/jest', { ...swc, swcrc: false, exclude: undefined }] },
};
