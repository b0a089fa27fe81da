const base = require('../../jest.config.cjs');

/** For what needs containers, and so is no part of `npm test`. */
module.exports = { ...base, rootDir: '../..', testMatch: ['<rootDir>/test/**/*.verify.ts'], maxWorkers: 1 };
