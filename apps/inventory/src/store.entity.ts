import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** A dark store. */
@Entity('stores')
export class Store {
  @PrimaryColumn('varchar', { length: 36 })
  id!: string;
  @Index('stores_code', { unique: true })
  @Column('varchar', { length: 64 })
  code!: string;
  @Column('varchar', { length: 100 })
  name!: string;
  @Column('double')
  lat!: number;
  @Column('double')
  lng!: number;
  /** Local `HH:MM`; closing before opening means the next day, `24:00` the end of this one. */
  @Column('varchar', { name: 'opens_at', length: 5 })
  opensAt!: string;
  @Column('varchar', { name: 'closes_at', length: 5 })
  closesAt!: string;
  /** The admin's switch: off closes the store whatever the clock says. */
  @Column('boolean', { name: 'switched_on' })
  switchedOn!: boolean;
}
