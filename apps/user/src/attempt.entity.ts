import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** What is counted, each for an account. */
export type AttemptKind = 'login' | 'reset';

/** How often somebody has tried something in the running window. Accounts that do not exist have rows like those that do. */
@Entity('attempts')
export class Attempt {
  /** sha256 of kind and e-mail: of people who have no account nothing is kept that names them. */
  @PrimaryColumn('varchar', { length: 64 })
  id!: string;
  @Column('varchar', { length: 8 })
  kind!: AttemptKind;
  @Column('integer')
  uses!: number;
  /** When the window ends; after that the row means nothing. */
  @Index('attempts_expires_at')
  @Column('varchar', { name: 'expires_at', length: 24 })
  expiresAt!: string;
}
