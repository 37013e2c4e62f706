// zod compiles checks with `new Function` if it can, and the content security policy reports each attempt. Set on the
// global that zod reads, because zod itself is loaded by the pages that need it.
Object.assign(globalThis, { __zod_globalConfig: { jitless: true } });
