#!/usr/bin/env node
// `npx nakku`: the command line, built first if a source is newer than the last build.
require('./build-if-stale.cjs');
require('../dist/apps/nakku/src/cli.js').main();
