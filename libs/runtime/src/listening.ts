import { Injectable } from '@nestjs/common';

/** Where this process answers, known once it listens. */
@Injectable()
export class Listening {
  private port?: number;

  at(port: number): void {
    this.port = port;
  }

  /** `http://127.0.0.1:<port>`; throws before the process listens. */
  origin(): string {
    if (!this.port) throw new Error('the process does not listen yet');
    return `http://127.0.0.1:${this.port}`;
  }
}
