import type { Role } from '@nakku/observability';
import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** An account. After deletion the row stays, so that its id keeps meaning something, without anything personal. */
@Entity('users')
@Index('users_email', ['email'], { unique: true })
@Index('users_elevated_email', ['elevated', 'email'])
export class User {
  @PrimaryColumn('varchar', { length: 36 })
  id!: string;
  /** Trimmed and in lower case. */
  @Column('varchar', { length: 191 })
  email!: string;
  @Column('varchar', { name: 'password_hash', length: 191 })
  passwordHash!: string;
  @Column('varchar', { name: 'first_name', length: 80 })
  firstName!: string;
  @Column('varchar', { name: 'last_name', length: 80 })
  lastName!: string;
  @Column('varchar', { length: 20, nullable: true })
  phone!: string | null;
  @Column('simple-json')
  roles!: Role[];
  /** The ids of the stores that a store_staff works for. */
  @Column('simple-json')
  stores!: string[];
  /** Has a role besides customer: the few that an admin looks for by role are found by an index. */
  @Column('boolean')
  elevated!: boolean;
  /** The one default address; null exactly when there is no address. */
  @Column('varchar', { name: 'default_address_id', length: 36, nullable: true })
  defaultAddressId!: string | null;
  @Column('varchar', { name: 'created_at', length: 24 })
  createdAt!: string;
  @Column('varchar', { name: 'updated_at', length: 24 })
  updatedAt!: string;
  @Column('varchar', { name: 'deleted_at', length: 24, nullable: true })
  deletedAt!: string | null;
}
