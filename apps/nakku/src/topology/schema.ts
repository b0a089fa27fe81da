import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { topologyFolder, topologyJsonSchema } from '@nakku/runtime';
import { Failure } from '../terminal/failure.js';
import { print } from '../terminal/print.js';

/** The file by which editors know what a topology may have. */
export const schemaFile = (): string => join(topologyFolder(), 'topology.schema.json');

/** What belongs into it. */
export const schemaText = (): string => `${JSON.stringify(topologyJsonSchema(), null, 2)}\n`;

/** `topology schema` */
export function schema({ check }: { check?: boolean }): void {
  const upToDate = existsSync(schemaFile()) && readFileSync(schemaFile(), 'utf8') === schemaText();
  if (check && !upToDate) throw new Failure('topology.schema.json is out of date: npx nakku topology schema');
  if (!upToDate) writeFileSync(schemaFile(), schemaText());
  print(`topology.schema.json ${upToDate ? 'is up to date' : 'was written'}`);
}
