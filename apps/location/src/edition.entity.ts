import { Column, Entity, PrimaryColumn } from 'typeorm';

/** What is kept in memory as well as in tables. */
export type Content = 'zones' | 'places';

/** Grows with every change of its content: by it every copy of the service sees that its memory is out of date. */
@Entity('editions')
export class Edition {
  @PrimaryColumn('varchar', { length: 16 })
  content!: Content;
  @Column('integer')
  number!: number;
}
