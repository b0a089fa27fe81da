import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** A place where somebody gets deliveries. Which one is the default is said by the user's row, so that there cannot be two. */
@Entity('addresses')
@Index('addresses_user_id_id', ['userId', 'id'])
export class AddressRow {
  @PrimaryColumn('varchar', { length: 36 })
  id!: string;
  @Column('varchar', { name: 'user_id', length: 36 })
  userId!: string;
  /** Grows with every change: an edit is refused when it began from an older one. */
  @Column('integer')
  version!: number;
  @Column('varchar', { length: 50 })
  label!: string;
  @Column('varchar', { length: 200 })
  line1!: string;
  @Column('varchar', { length: 200, nullable: true })
  line2!: string | null;
  @Column('varchar', { length: 100 })
  city!: string;
  @Column('varchar', { length: 100 })
  state!: string;
  @Column('varchar', { name: 'postal_code', length: 12 })
  postalCode!: string;
  @Column('varchar', { length: 2 })
  country!: string;
  /** Null when the address could not be geocoded. */
  @Column('double', { nullable: true })
  lat!: number | null;
  @Column('double', { nullable: true })
  lng!: number | null;
  @Column('boolean')
  serviceable!: boolean;
}
