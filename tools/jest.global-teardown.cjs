const { takeDown } = require('./infra/leftovers.cjs');

module.exports = () => takeDown(process.env.NAKKU_TEST_SERVERS);
