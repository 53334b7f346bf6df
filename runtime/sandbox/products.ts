/** What the sandbox's shop sells. Prices are whole cents, so that totals stay exact. */

export interface Product {
  readonly id: string;
  readonly name: string;
  readonly category: 'kitchen' | 'office' | 'garden';
  readonly priceCents: number;
  readonly tags: readonly string[];
  readonly dimensions: { readonly width_mm: number; readonly height_mm: number };
  readonly stock: readonly { readonly warehouse: string; readonly quantity: number }[];
}

// prettier-ignore
export const PRODUCTS: readonly Product[] = [
  { id: 'p-001', name: 'Enamel mug', category: 'kitchen', priceCents: 900, tags: ['blue', 'steel'], dimensions: { width_mm: 90, height_mm: 85 }, stock: [{ warehouse: 'north', quantity: 140 }, { warehouse: 'south', quantity: 62 }] },
  { id: 'p-002', name: 'Bread knife', category: 'kitchen', priceCents: 2450, tags: ['steel'], dimensions: { width_mm: 35, height_mm: 330 }, stock: [{ warehouse: 'north', quantity: 18 }] },
  { id: 'p-003', name: 'Desk lamp', category: 'office', priceCents: 3999, tags: ['brass', 'electric'], dimensions: { width_mm: 180, height_mm: 420 }, stock: [{ warehouse: 'south', quantity: 7 }] },
  { id: 'p-004', name: 'Notebook, dotted', category: 'office', priceCents: 650, tags: ['paper'], dimensions: { width_mm: 148, height_mm: 210 }, stock: [{ warehouse: 'north', quantity: 510 }, { warehouse: 'south', quantity: 388 }] },
  { id: 'p-005', name: 'Watering can', category: 'garden', priceCents: 1875, tags: ['steel', 'green'], dimensions: { width_mm: 400, height_mm: 310 }, stock: [] },
  { id: 'p-006', name: 'Pruning shears', category: 'garden', priceCents: 2199, tags: ['steel'], dimensions: { width_mm: 60, height_mm: 215 }, stock: [{ warehouse: 'south', quantity: 33 }] },
  { id: 'p-007', name: 'Teapot', category: 'kitchen', priceCents: 3200, tags: ['blue', 'ceramic'], dimensions: { width_mm: 230, height_mm: 150 }, stock: [{ warehouse: 'north', quantity: 12 }] },
  { id: 'p-008', name: 'Paper clips, 100', category: 'office', priceCents: 195, tags: ['steel'], dimensions: { width_mm: 80, height_mm: 50 }, stock: [{ warehouse: 'north', quantity: 2000 }] },
  { id: 'p-009', name: 'Seed tray', category: 'garden', priceCents: 480, tags: ['green'], dimensions: { width_mm: 380, height_mm: 60 }, stock: [{ warehouse: 'south', quantity: 95 }] },
  { id: 'p-010', name: 'Fountain pen', category: 'office', priceCents: 5400, tags: ['brass', 'blue'], dimensions: { width_mm: 14, height_mm: 138 }, stock: [{ warehouse: 'north', quantity: 25 }] },
  { id: 'p-011', name: 'Cutting board', category: 'kitchen', priceCents: 2700, tags: ['oak'], dimensions: { width_mm: 300, height_mm: 450 }, stock: [{ warehouse: 'north', quantity: 41 }, { warehouse: 'south', quantity: 3 }] },
  { id: 'p-012', name: 'Bird feeder', category: 'garden', priceCents: 1650, tags: ['oak', 'green'], dimensions: { width_mm: 200, height_mm: 260 }, stock: [{ warehouse: 'south', quantity: 20 }] },
];

/** `2450` → `"24.50"`. */
export function formatCents(cents: number): string {
  return `${Math.floor(cents / 100)}.${String(cents % 100).padStart(2, '0')}`;
}
