import { z } from 'zod';

// Zod compiles validators with `new Function` where it can. Our content security policy forbids that, and even trying is
// reported as a violation. Imported before anything that validates.
z.config({ jitless: true });
