import * as z from 'zod';

// zod compiles checks by `new Function` where it may; the content security policy reports each try.
z.config({ jitless: true });
