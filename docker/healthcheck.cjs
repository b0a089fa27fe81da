// Is the service in this container ready? Exit code 0: it answers 200; 1: anything else.
const { get } = require('node:http');

const url = `http://127.0.0.1:${process.env.PORT || 8080}/health/ready`;
const fail = (why) => {
  process.stdout.write(`${url}: ${why}\n`);
  process.exit(1);
};

const request = get(url, { timeout: 3000, agent: false }, ({ statusCode }) =>
  statusCode === 200 ? process.exit(0) : fail(`answered ${statusCode}`),
);
request.on('timeout', () => fail('no answer within 3 seconds'));
request.on('error', ({ code, message }) => fail(code || message));
