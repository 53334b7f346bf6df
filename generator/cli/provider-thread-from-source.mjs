/** Begins a thread where the generator runs from source: tsx, once registered, does not reach threads by itself. */

import { register } from 'tsx/esm/api';

register();
await import('./provider-thread.ts');
