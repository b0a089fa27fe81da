export * from './access.js';
export * from './actor.js';
export * from './auth.module.js';
export * from './gateway.js';
export * from './passwords.js';
export * from './replica.reads.js';
export * from './token.service.js';
export * from './unauthorized.js';
