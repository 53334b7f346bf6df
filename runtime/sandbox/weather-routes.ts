/** Pretend weather for a dozen cities: the same figures on every call, so that an answer can be compared. */

import type { Router, RouterContext } from '@koa/router';
import { queryChoice } from './query-value.js';

interface City {
  readonly city: string;
  readonly country: string;
  readonly latitude: number;
  readonly longitude: number;
  /** Tenths of a degree Celsius, so that conversions stay exact. */
  readonly temperatureTenths: number;
  readonly humidityPercent: number;
  /** Tenths of a kilometre an hour. */
  readonly windTenths: number;
  readonly sky: 'clear' | 'cloudy' | 'rain' | 'snow';
}

// prettier-ignore
const CITIES: readonly City[] = [
  { city: 'Berlin', country: 'DE', latitude: 52.52, longitude: 13.41, temperatureTenths: 94, humidityPercent: 71, windTenths: 145, sky: 'cloudy' },
  { city: 'Cairo', country: 'EG', latitude: 30.04, longitude: 31.24, temperatureTenths: 283, humidityPercent: 32, windTenths: 118, sky: 'clear' },
  { city: 'Istanbul', country: 'TR', latitude: 41.01, longitude: 28.98, temperatureTenths: 162, humidityPercent: 66, windTenths: 171, sky: 'cloudy' },
  { city: 'Lagos', country: 'NG', latitude: 6.45, longitude: 3.39, temperatureTenths: 301, humidityPercent: 84, windTenths: 83, sky: 'rain' },
  { city: 'London', country: 'GB', latitude: 51.51, longitude: -0.13, temperatureTenths: 117, humidityPercent: 78, windTenths: 190, sky: 'rain' },
  { city: 'Nairobi', country: 'KE', latitude: -1.29, longitude: 36.82, temperatureTenths: 205, humidityPercent: 58, windTenths: 97, sky: 'clear' },
  { city: 'New York', country: 'US', latitude: 40.71, longitude: -74.01, temperatureTenths: 138, humidityPercent: 55, windTenths: 162, sky: 'clear' },
  { city: 'Paris', country: 'FR', latitude: 48.86, longitude: 2.35, temperatureTenths: 125, humidityPercent: 69, windTenths: 130, sky: 'cloudy' },
  { city: 'Reykjavik', country: 'IS', latitude: 64.15, longitude: -21.94, temperatureTenths: -18, humidityPercent: 81, windTenths: 288, sky: 'snow' },
  { city: 'São Paulo', country: 'BR', latitude: -23.55, longitude: -46.63, temperatureTenths: 231, humidityPercent: 74, windTenths: 79, sky: 'rain' },
  { city: 'Sydney', country: 'AU', latitude: -33.87, longitude: 151.21, temperatureTenths: 216, humidityPercent: 63, windTenths: 153, sky: 'clear' },
  { city: 'Tokyo', country: 'JP', latitude: 35.68, longitude: 139.69, temperatureTenths: 174, humidityPercent: 60, windTenths: 104, sky: 'clear' },
];

/** How far each of the next three days' highs and lows lie from now, in tenths of a degree Celsius. */
const FORECAST = [
  { high: 22, low: -41 },
  { high: 35, low: -30 },
  { high: 8, low: -55 },
];

export function addWeatherRoutes(router: Router): void {
  router.get('listCities', '/weather', (ctx) => {
    ctx.body = CITIES.map(({ city, country }) => ({ city, country }));
  });

  router.get('getWeather', '/weather/:city', (ctx: RouterContext) => {
    const units = queryChoice(ctx, 'units', ['metric', 'imperial'], 'metric');
    const asked = ctx.params.city ?? '';
    const found = CITIES.find(({ city }) => plain(city) === plain(asked));
    if (!found) ctx.throw(404, `unknown city "${asked.slice(0, 80)}": GET /weather lists the cities that are known`);
    ctx.body = weatherOf(found, units);
  });
}

function weatherOf(city: City, units: 'metric' | 'imperial') {
  // 1 km/h is 0.621371 mph.
  const degrees = (tenths: number): number => (units === 'metric' ? tenths : Math.round((tenths * 9) / 5 + 320)) / 10;
  const speed = (tenths: number): number => (units === 'metric' ? tenths : Math.round(tenths * 0.621371)) / 10;
  return {
    city: city.city,
    country: city.country,
    coordinates: { latitude: city.latitude, longitude: city.longitude },
    units,
    temperature: degrees(city.temperatureTenths),
    wind_speed: speed(city.windTenths),
    humidity_percent: city.humidityPercent,
    sky: city.sky,
    forecast: FORECAST.map(({ high, low }, index) => ({
      days_ahead: index + 1,
      high: degrees(city.temperatureTenths + high),
      low: degrees(city.temperatureTenths + low),
    })),
  };
}

/** Letter case, accents and the kind of gap do not matter: `sao-paulo` is `São Paulo`. */
function plain(name: string): string {
  return name
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[\s_-]+/g, ' ');
}
