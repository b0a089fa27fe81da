import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A locality or landmark of the gazetteer. */
@Entity('places')
export class Place {
  /** Its place in the gazetteer: of two that fit equally well the first is meant. */
  @PrimaryColumn('integer')
  position!: number;
  @Column('varchar', { length: 100 })
  name!: string;
  @Column('varchar', { name: 'postal_code', length: 12 })
  postalCode!: string;
  @Column('varchar', { length: 100 })
  city!: string;
  @Column('varchar', { length: 100 })
  state!: string;
  /** ISO 3166, two letters. */
  @Column('varchar', { length: 2 })
  country!: string;
  @Column('double')
  lat!: number;
  @Column('double')
  lng!: number;
}
