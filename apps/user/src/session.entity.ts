import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** A signed-in device: one family of refresh tokens. Deleting the row revokes them all. */
@Entity('sessions')
@Index('sessions_token_hash', ['tokenHash'], { unique: true })
@Index('sessions_user_id', ['userId'])
@Index('sessions_expires_at', ['expiresAt'])
export class Session {
  @PrimaryColumn('varchar', { length: 36 })
  id!: string;
  @Column('varchar', { name: 'user_id', length: 36 })
  userId!: string;
  /** sha256 of the only refresh token that is good. */
  @Column('varchar', { name: 'token_hash', length: 64 })
  tokenHash!: string;
  @Column('varchar', { name: 'expires_at', length: 24 })
  expiresAt!: string;
}

/** A refresh token that was exchanged: whoever shows it again has stolen it, or was robbed of it. */
@Entity('spent_tokens')
@Index('spent_tokens_expires_at', ['expiresAt'])
export class SpentToken {
  @PrimaryColumn('varchar', { name: 'token_hash', length: 64 })
  tokenHash!: string;
  @Column('varchar', { name: 'session_id', length: 36 })
  sessionId!: string;
  /** When the token would have lapsed by itself. */
  @Column('varchar', { name: 'expires_at', length: 24 })
  expiresAt!: string;
}

/** A link to a new password, good once. */
@Entity('password_resets')
@Index('password_resets_user_id', ['userId'])
@Index('password_resets_expires_at', ['expiresAt'])
export class PasswordReset {
  @PrimaryColumn('varchar', { name: 'token_hash', length: 64 })
  tokenHash!: string;
  @Column('varchar', { name: 'user_id', length: 36 })
  userId!: string;
  @Column('varchar', { name: 'expires_at', length: 24 })
  expiresAt!: string;
}
