import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import type { Polygon } from './polygon.js';

/** The area that a store delivers to. Zones do not overlap. */
@Entity('zones')
export class Zone {
  @PrimaryColumn('varchar', { length: 36 })
  id!: string;
  @Column('varchar', { name: 'store_id', length: 36 })
  storeId!: string;
  @Column('varchar', { length: 100 })
  name!: string;
  @Column('simple-json')
  polygon!: Polygon;
}

/** An H3 cell in which a zone may have a part: finds the zones that are worth a closer look. */
@Entity('zone_cells')
export class ZoneCell {
  @PrimaryColumn('varchar', { length: 16 })
  cell!: string;
  @Index('zone_cells_zone_id')
  @PrimaryColumn('varchar', { name: 'zone_id', length: 36 })
  zoneId!: string;
}
