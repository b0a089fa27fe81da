const LIBS = [
  'config',
  'observability',
  'database',
  'cache',
  'auth',
  'rpc',
  'transport',
  'contracts',
  'runtime',
  'deploy',
  'testing',
];

/** A lib may import only the libs before it in LIBS (database and cache are siblings). */
const downwardsOnly = LIBS.map((lib, index) => {
  const below = LIBS.slice(0, index).filter((other) => !(lib === 'cache' && other === 'database'));
  const allowed = [...below, lib].join('|');
  return {
    name: `lib-${lib}-imports-downwards`,
    severity: 'error',
    from: { path: `^libs/${lib}/` },
    // A spec may start things with the testing lib, whichever lib it tests.
    to: { path: '^libs/', pathNot: [`^libs/(${allowed})/`, '^libs/testing/src/index\\.ts$'] },
  };
});

module.exports = {
  forbidden: [
    ...downwardsOnly,
    { name: 'no-cycles', severity: 'error', from: { pathNot: 'migrations' }, to: { circular: true } },
    {
      name: 'apps-do-not-import-apps',
      severity: 'error',
      from: { path: '^apps/([^/]+)/', pathNot: '^apps/nakku/' },
      to: { path: '^apps/([^/]+)/', pathNot: '^apps/$1/' },
    },
    {
      name: 'bundle-imports-index-only',
      severity: 'error',
      from: { path: '^(apps/nakku|test|libs/testing)/' },
      to: { path: '^apps/(?!nakku)[^/]+/src/(?!index\\.ts$)' },
    },
    { name: 'libs-do-not-import-apps', severity: 'error', from: { path: '^libs/' }, to: { path: '^apps/' } },
    {
      name: 'no-deep-lib-imports',
      severity: 'error',
      from: { path: '^(apps|libs|test)/([^/]+)/' },
      to: { path: '^libs/([^/]+)/src/(?!index\\.ts$)', pathNot: '^$1/$2/' },
    },
    {
      name: 'sources-do-not-import-testing',
      severity: 'error',
      from: { path: '^(apps|libs)/', pathNot: '(\\.spec\\.ts$|^libs/testing/)' },
      to: { path: '^libs/testing/' },
    },
    {
      name: 'no-dev-dependencies-in-sources',
      severity: 'error',
      from: { path: '^(apps|libs)/', pathNot: '(\\.spec\\.ts$|^libs/testing/)' },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'no-junk-drawers',
      severity: 'error',
      from: {},
      to: { path: '^(apps|libs)/.*/(common|utils|shared|helpers)/' },
    },
  ],
  options: {
    tsConfig: { fileName: 'tsconfig.build.json' },
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)dist/' },
  },
};
