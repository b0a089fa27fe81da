export { type Artefact, artefact, headline, type Renderer } from './artefact.js';
export { type Catalogue, GATEWAY, gatewayEntry, type ServiceEntry } from './catalogue.js';
export * from './deployment.js';
export * from './environment.js';
export { bringUpToDate, type Difference, differencesOf } from './files.js';
export { IMAGES, imageOf } from './images.js';
export { render } from './render.js';
export { redisUrlOf, type SecretFile, secretFilesOf } from './secrets.js';
export { STACK_SECRETS } from './stack.js';
