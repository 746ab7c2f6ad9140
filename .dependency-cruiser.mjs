// Who may import whom: the table of the architecture, enforced. An import of types counts like any other.
// `src/main.ts`, `src/cli`, `test` and `bench` put the parts together and may import everything.

/** Modules of the runtime that compute and touch nothing outside the process. */
const PURE = ['buffer', 'crypto'];

/**
 * `may`: folders and files besides the area's own that its files may import.
 * `types`: what it may import for its types alone.
 * `npm` and `node`: the packages and runtime modules it may use; absent where all are allowed.
 * In `from` a group catches a name, which `$1` repeats in `own` and `may`.
 */
const AREAS = [
  { name: 'text', from: '^src/text/', may: [], npm: ['libphonenumber-js'], node: PURE },
  {
    name: 'core',
    from: '^src/core/',
    may: ['^src/text/'],
    npm: ['zod', 'libphonenumber-js'],
    node: PURE,
  },
  { name: 'net', from: '^src/net/', may: ['^src/text/'] },
  { name: 'archive', from: '^src/archive/', may: ['^src/core/', '^src/net/'] },
  { name: 'system', from: '^src/system/', may: ['^src/core/', '^src/text/'] },

  {
    name: 'dialect-list',
    from: '^src/dialects/index\\.(test\\.)?ts$',
    may: ['^src/core/', '^src/text/', '^src/dialects/'],
  },
  {
    name: 'dialect-contract',
    from: '^src/dialects/(dialect\\.(test\\.)?ts$|shared/)',
    may: ['^src/core/', '^src/text/', '^src/dialects/(dialect\\.ts$|shared/)'],
  },
  {
    name: 'dialect',
    from: '^src/dialects/(?!shared/|testkit/)([^/]+)/',
    own: '^src/dialects/$1/',
    may: ['^src/core/', '^src/text/', '^src/dialects/(dialect\\.ts$|shared/)'],
  },

  {
    name: 'transport-list',
    from: '^src/transports/index\\.(test\\.)?ts$',
    may: ['^src/core/', '^src/text/', '^src/transports/'],
  },
  {
    name: 'transport-contract',
    from: '^src/transports/(transport\\.(test\\.)?ts$|shared/)',
    may: ['^src/core/', '^src/text/', '^src/net/', '^src/transports/(transport\\.ts$|shared/)'],
  },
  {
    name: 'transport-smpp',
    from: '^src/transports/smpp/',
    may: [
      '^src/core/',
      '^src/text/',
      '^src/net/',
      '^src/smpp/',
      '^src/transports/(transport\\.ts$|shared/)',
    ],
  },
  {
    // Phones call it: it has routes as dialects have, and shares what they share.
    name: 'transport-phone',
    from: '^src/transports/phone/',
    may: [
      '^src/core/',
      '^src/text/',
      '^src/net/',
      '^src/dialects/(dialect\\.ts$|shared/)',
      '^src/transports/(transport\\.ts$|shared/)',
    ],
  },
  {
    name: 'transport',
    from: '^src/transports/(?!shared/|testkit/|smpp/|phone/)([^/]+)/',
    own: '^src/transports/$1/',
    may: [
      '^src/core/ports/',
      '^src/text/',
      '^src/net/',
      '^src/transports/(transport\\.ts$|shared/)',
    ],
    types: ['^src/core/'],
  },

  { name: 'smpp', from: '^src/smpp/', may: ['^src/text/'] },
  {
    name: 'smpp-server',
    // As dialects, it lets clients in.
    from: '^src/smpp-server/',
    may: ['^src/core/', '^src/text/', '^src/smpp/', '^src/dialects/shared/'],
  },

  {
    name: 'storage',
    from: '^src/storage/(?!engines/|testkit/)',
    own: '^src/storage/(?!engines/|testkit/)',
    may: ['^src/core/', '^src/text/'],
  },
  {
    name: 'storage-engine-list',
    from: '^src/storage/engines/index\\.ts$',
    may: ['^src/core/', '^src/storage/'],
  },
  {
    name: 'storage-engine',
    from: '^src/storage/engines/([^/]+)/',
    own: '^src/storage/engines/$1/',
    may: ['^src/core/', '^src/text/', '^src/storage/(?!engines/|testkit/)'],
  },

  {
    // The console's API answers as dialects do, and shares what they share.
    name: 'console-api',
    from: '^src/http/console-api/',
    may: [
      '^src/core/',
      '^src/text/',
      '^src/dialects/(dialect\\.ts$|shared/)',
      '^src/http/refusals\\.ts$',
    ],
  },
  { name: 'mail', from: '^src/mail/', may: ['^src/core/'], npm: ['nodemailer'] },
  {
    name: 'http',
    from: '^src/http/(?!console-api/)',
    may: [
      '^src/core/',
      '^src/text/',
      '^src/observability/',
      '^src/dialects/(index|dialect)\\.ts$',
      // The server gives every request its time, and who reads a body has it.
      '^src/dialects/shared/arrival\\.ts$',
    ],
  },
  {
    name: 'workers',
    from: '^src/workers/',
    may: ['^src/core/', '^src/net/', '^src/observability/'],
  },
  { name: 'files', from: '^src/files/', may: ['^src/core/'] },
  { name: 'config', from: '^src/config/', may: ['^src/core/', '^src/text/'] },
  { name: 'observability', from: '^src/observability/', may: ['^src/core/'] },
];

const OURS = '^(src|test|bench|scripts|bin|console)/';
const TEST = '\\.test\\.ts$';
const TESTKIT = '/testkit/';
/** Puts the parts together, so it is outside the table. */
const UNBOUND = '^src/main\\.(test\\.)?ts$|^src/cli/';
const DEVELOPMENT = `^(test|bench)/|${TEST}|${TESTKIT}|\\.config\\.ts$`;

/** Regular expression for the modules of an npm package, wherever npm has put it. */
const npm = (names) => names.map((name) => `(^|/)node_modules/${name}/`);
const node = (names) => names.map((name) => `^(node:)?${name}$`);

function rulesOf({ name, from, own = from, may, types = [], npm: packages, node: modules }) {
  const code = { path: from, pathNot: [TEST, TESTKIT] };
  const rules = [
    {
      name,
      severity: 'error',
      from: code,
      to: { path: OURS, pathNot: [own, ...may, ...types] },
    },
    {
      // Besides what its neighbours may, a test may import whole folders of its own area, testkits and test helpers.
      name: `${name}-test`,
      severity: 'error',
      from: { path: from.replace('^', `^(?=.*${TEST})`), pathNot: [TESTKIT] },
      to: { path: OURS, pathNot: [own, ...may, ...types, TESTKIT, '^test/'] },
    },
  ];
  if (types.length > 0) {
    rules.push({
      name: `${name}-types`,
      severity: 'error',
      from: code,
      to: { path: types, pathNot: may, dependencyTypesNot: ['type-only'] },
    });
  }
  if (packages) {
    rules.push({
      name: `${name}-npm`,
      severity: 'error',
      from: code,
      to: { path: 'node_modules/', pathNot: npm(packages) },
    });
  }
  if (modules) {
    rules.push({
      name: `${name}-node`,
      severity: 'error',
      from: code,
      to: { dependencyTypes: ['core'], pathNot: node(modules) },
    });
  }
  return rules;
}

export default {
  forbidden: [
    ...AREAS.flatMap(rulesOf),
    {
      name: 'not-in-the-table',
      comment: 'A new folder of src first gets its line in AREAS.',
      severity: 'error',
      from: { path: '^src/', pathNot: [UNBOUND, TESTKIT, ...AREAS.map((area) => area.from)] },
      to: {},
    },
    {
      name: 'testkit-in-code',
      severity: 'error',
      from: { path: '^src/', pathNot: [TEST, TESTKIT] },
      to: { path: [TESTKIT, TEST, '^test/'] },
    },
    {
      name: 'test-of-another',
      comment: 'Tests share through a testkit.',
      severity: 'error',
      from: {},
      to: { path: TEST },
    },
    {
      name: 'no-circle',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'no-orphan',
      severity: 'error',
      from: { orphan: true, pathNot: [TEST, '\\.d\\.ts$', '\\.config\\.ts$', '^test/setup/'] },
      to: {},
    },
    {
      name: 'not-found',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: 'not-declared',
      comment: 'Of npm only what package.json names.',
      severity: 'error',
      from: {},
      to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown'] },
    },
    {
      name: 'development-only',
      comment: 'What runs in production may not need a devDependency.',
      severity: 'error',
      from: { path: '^src/', pathNot: DEVELOPMENT },
      to: { dependencyTypes: ['npm-dev'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true, // imports of types count
    moduleSystems: ['es6', 'cjs'],
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
  },
};
