// What the thread that signs loads in a test: the loader of TypeScript first, then the thread itself.

import { register } from 'tsx/esm/api';

register();
await import('../../runtime/receipt/signing-thread.ts');
