import { EXIT, Failure } from './failure.js';

const LIMIT = 4096;
const CTRL_C = '\u0003';
const CTRL_D = '\u0004';
const BACKSPACES = new Set(['\u0008', '\u007f']);

/** All that is piped in, without the line end that `echo` adds. Fails when there is nothing, or far too much. */
export async function readPiped(what: string): Promise<string> {
  let text = '';
  for await (const chunk of process.stdin.setEncoding('utf8') as AsyncIterable<string>) {
    text += chunk;
    if (text.length > LIMIT)
      throw new Failure(`${what} on standard input has more than ${LIMIT} characters`, EXIT.usage);
  }
  const value = text.replace(/\r?\n$/, '');
  if (!value) throw new Failure(`${what} was expected on standard input, which is empty`, EXIT.usage);
  return value;
}

/** A password, from the pipe or from the keyboard; never from the command line, which everybody on the machine can read. */
export async function readPassword({ stdin, twice = false }: { stdin?: boolean; twice?: boolean }): Promise<string> {
  if (stdin) return readPiped('the password');
  if (!process.stdin.isTTY)
    throw new Failure('There is no terminal to ask for the password: pipe it in and say --password-stdin', EXIT.usage);
  const password = await ask('Password: ');
  if (twice && (await ask('Again: ')) !== password) throw new Failure('The two passwords differ');
  return password;
}

/** Asks without showing what is typed. */
function ask(question: string): Promise<string> {
  const { stdin } = process;
  // First, because somebody may type as soon as they are asked, or paste before.
  stdin.setRawMode(true).setEncoding('utf8').resume();
  process.stderr.write(question);
  return new Promise((resolve, reject) => {
    let typed = '';
    const end = (act: () => void) => {
      stdin.off('data', take).setRawMode(false).pause();
      process.stderr.write('\n');
      act();
    };
    const take = (keys: string) => {
      for (const key of keys) {
        if (key === CTRL_C || key === CTRL_D) return end(() => reject(new Failure('nothing was done')));
        if (key === '\r' || key === '\n') return end(() => resolve(typed));
        typed = BACKSPACES.has(key) ? typed.slice(0, -1) : (typed + key).slice(0, LIMIT);
      }
    };
    stdin.on('data', take);
  });
}
