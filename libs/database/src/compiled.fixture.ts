import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';

/** `transformFileSync` of @swc/core, which only a spec may import. */
export type Transform = (file: string, options: object) => { code: string };

const LIBS = resolve(__dirname, '../..');

/** Compiles this lib into a folder, with what it imports beside it, so that a spec can run it in a process of its own; with NODE_PATH set to the project's node_modules. */
export function compileInto(folder: string, child: string, transform: Transform): void {
  compile('database', folder, transform);
  for (const lib of ['config', 'observability']) compile(lib, join(folder, 'node_modules/@nakku', lib), transform);
  writeFileSync(join(folder, 'child.js'), child);
}

/** Where a process in another folder finds the packages. */
export const NODE_PATH = resolve(LIBS, '../node_modules');

function compile(lib: string, into: string, transform: Transform): void {
  mkdirSync(into, { recursive: true });
  const folder = join(LIBS, lib, 'src');
  const sources = readdirSync(folder).filter((file) => file.endsWith('.ts') && !/\.(spec|fixture)\.ts$/.test(file));
  for (const source of sources) {
    const { code } = transform(join(folder, source), {
      swcrc: false,
      jsc: {
        parser: { syntax: 'typescript', decorators: true },
        transform: { legacyDecorator: true, decoratorMetadata: true, useDefineForClassFields: true },
        target: 'es2023',
      },
      module: { type: 'commonjs' },
    });
    writeFileSync(join(into, `${basename(source, '.ts')}.js`), code);
  }
}
