import { Body, Controller, Get, HttpCode, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Access } from '@nakku/auth';
import { notFound, Returns } from '@nakku/rpc';
import { AddressService } from './address.service.js';
import { GazetteerService } from './gazetteer.service.js';
import {
  AddressCheck,
  AddressReport,
  DistanceQuery,
  DistanceView,
  GeocodePage,
  GeocodeQuery,
  NearestPlace,
  placeView,
  PointQuery,
  ServiceabilityView,
} from './location.dto.js';
import { LocationService } from './location.service.js';

const NEARBY_METERS = 5000;

@Controller('location')
@ApiTags('location')
@Access('public')
export class LocationController {
  constructor(
    private readonly location: LocationService,
    private readonly gazetteer: GazetteerService,
    private readonly addresses: AddressService,
  ) {}

  @Get('serviceability')
  @Returns(200, ServiceabilityView)
  serviceability(@Query() point: PointQuery) {
    return this.location.serviceability(point);
  }

  @Get('geocode')
  @Returns(200, GeocodePage)
  geocode(@Query() { q, limit }: GeocodeQuery) {
    const hits = this.gazetteer.current().search(q, limit);
    const items = hits.map(({ place, score }) => ({ ...placeView(place), score: Math.round(score * 1000) / 1000 }));
    return { items, nextCursor: null };
  }

  @Get('reverse')
  @Returns(200, NearestPlace)
  reverse(@Query() point: PointQuery) {
    const nearest = this.gazetteer.current().nearest(point, NEARBY_METERS);
    if (!nearest) throw notFound('place');
    return { ...placeView(nearest.place), meters: Math.round(nearest.meters) };
  }

  @Post('distance')
  @HttpCode(200)
  @Returns(200, DistanceView)
  distance(@Body() body: DistanceQuery) {
    return this.location.distance(body);
  }

  @Post('validate-address')
  @HttpCode(200)
  @Returns(200, AddressReport)
  validate(@Body() body: AddressCheck) {
    return this.addresses.check(body);
  }
}
