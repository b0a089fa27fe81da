/** One environment variable that stops the start: its name and the sentence that says what is wrong with it. */
export interface BadVariable {
  name: string;
  sentence: string;
}

/** Thrown when the environment is wrong. The message has one line for each bad variable and never a secret's value. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';

  constructor(readonly variables: readonly BadVariable[]) {
    super(variables.map(({ sentence }) => sentence).join('\n'));
  }
}
