// Types and lint in one pass: the program that tsc would build is the one that type-aware lint needs.
const ts = require('typescript');
const { ESLint } = require('eslint');
const { join } = require('node:path');

const root = join(__dirname, '..');

function typeErrors() {
  const host = {
    ...ts.sys,
    onUnRecoverableConfigFileDiagnostic: (diagnostic) => {
      throw new Error(ts.flattenDiagnosticMessageText(diagnostic.messageText, '\n'));
    },
  };
  const config = ts.getParsedCommandLineOfConfigFile(join(root, 'tsconfig.json'), { noEmit: true }, host);
  const program = ts.createProgram(config.fileNames, config.options);
  const format = { getCanonicalFileName: (name) => name, getCurrentDirectory: () => root, getNewLine: () => '\n' };
  const found = ts.getPreEmitDiagnostics(program);
  if (found.length > 0) process.stdout.write(ts.formatDiagnostics(found, format));
  return { program, errors: found.length };
}

async function main() {
  const { program, errors } = typeErrors();
  const parserOptions = { programs: [program], project: null };
  const eslint = new ESLint({
    cwd: root,
    overrideConfig: [{ files: ['**/*.ts'], languageOptions: { parserOptions } }],
  });
  const results = await eslint.lintFiles(['apps', 'libs', 'test']);
  const output = await (await eslint.loadFormatter('stylish')).format(results);
  if (output) process.stdout.write(output);
  const complaints = results.reduce((sum, { errorCount, warningCount }) => sum + errorCount + warningCount, 0);
  process.exit(errors + complaints === 0 ? 0 : 1);
}
void main();
