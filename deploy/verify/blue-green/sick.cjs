// Makes a version sick: it says that it is well, and answers what shoppers ask with errors. `behind-balancer`: only those who come through one.
'use strict';

const { Server } = require('node:http');

const emit = Server.prototype.emit;
Server.prototype.emit = function (event, request, response) {
  const asked = event === 'request' && request.url.startsWith('/api/') && process.env.SERVICES === 'gateway';
  const meant = process.env.SICK === 'all' || request?.headers?.['x-forwarded-proto'] !== undefined;
  if (!asked || !meant) return Reflect.apply(emit, this, arguments);
  response.writeHead(500, { 'content-type': 'application/problem+json' });
  response.end('{"code":"INTERNAL","status":500}');
  return true;
};
