require('reflect-metadata');
const { Logger } = require('@nestjs/common');

// What a test provokes would fill the screen; TEST_LOG=1 shows it.
if (!process.env.TEST_LOG) Logger.overrideLogger(false);
