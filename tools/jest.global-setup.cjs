const { randomBytes } = require('node:crypto');
const { tmpdir } = require('node:os');
const { join } = require('node:path');
const { cleanUp } = require('./infra/leftovers.cjs');

// Where the servers of this run will live if a suite asks for some (libs/testing/src/infra.ts), and with whom they end.
module.exports = () => {
  cleanUp();
  process.env.NAKKU_TEST_SERVERS = join(tmpdir(), `nakku-servers-${randomBytes(6).toString('hex')}`);
  process.env.NAKKU_TEST_OWNER = String(process.pid);
};
