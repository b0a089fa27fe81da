export * from './fake.js';
export * from './harness.js';
export * from './http.js';
export * from './process.js';
