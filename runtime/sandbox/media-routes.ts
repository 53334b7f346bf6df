/** A picture, a document and a sound, made in code: their bytes are the same on every call and every machine. */

import type { Router } from '@koa/router';
import { encodePdf } from './encode-pdf.js';
import { encodePng } from './encode-png.js';
import { encodeWav } from './encode-wav.js';
import { queryInteger } from './query-value.js';

const LOGO_PIXELS = 64;

export function addMediaRoutes(router: Router): void {
  const logo = encodePng({
    widthPixels: LOGO_PIXELS,
    heightPixels: LOGO_PIXELS,
    palette: [
      [245, 240, 225],
      [22, 78, 99],
    ],
    isOn: isGate,
  });
  const document = encodePdf('Tollgate sandbox: one page, nothing more.');

  router.get('getLogo', '/logo.png', (ctx) => {
    ctx.type = 'image/png';
    ctx.body = logo;
  });

  router.get('getDocument', '/document.pdf', (ctx) => {
    ctx.type = 'application/pdf';
    ctx.body = document;
  });

  router.get('getTone', '/tone.wav', (ctx) => {
    const frequencyHz = queryInteger(ctx, 'frequency_hz', { min: 100, max: 2000, fallback: 440 });
    const durationMs = queryInteger(ctx, 'duration_ms', { min: 10, max: 2000, fallback: 250 });
    ctx.type = 'audio/wav';
    ctx.body = encodeWav(frequencyHz, durationMs);
  });
}

/** A gate: two posts and three bars between them. */
function isGate(x: number, y: number): boolean {
  const isPost = (x >= 8 && x < 16) || (x >= 48 && x < 56);
  const isBar = y % 16 >= 6 && y % 16 < 12 && y < 48;
  return y >= 4 && y < 60 && x >= 8 && x < 56 && (isPost || isBar);
}
