import { closeSync, openSync, readSync } from 'node:fs';

/** More than any key, and less than a log that somebody named by mistake. */
const LIMIT = 64 * 1024;

/** Reads the value of a variable that was given as `<NAME>_FILE`, without blanks around it. What goes wrong is told without its content. */
export function readValue(name: string, file: string): { text: string } | { sentence: string } {
  const refuse = (why: string) => ({ sentence: `${name}_FILE must name a file with the value, but "${file}" ${why}` });
  try {
    const content = head(file);
    if (content.length > LIMIT) return refuse(`has more than ${LIMIT / 1024} KiB`);
    const text = content.toString('utf8').trim();
    return text ? { text } : refuse('is empty');
  } catch (error) {
    return refuse(`cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown'})`);
  }
}

/** One byte more than the limit at most, also of what has no size, such as a pipe of the shell. */
function head(file: string): Buffer {
  const descriptor = openSync(file, 'r');
  try {
    const buffer = Buffer.alloc(LIMIT + 1);
    let length = 0;
    for (let read = 1; read > 0; length += read)
      read = readSync(descriptor, buffer, length, buffer.length - length, null);
    return buffer.subarray(0, length);
  } finally {
    closeSync(descriptor);
  }
}
