export * from './access.js';
export * from './actor.js';
export * from './auth.module.js';
export * from './passwords.js';
export * from './token.service.js';
export * from './unauthorized.js';
