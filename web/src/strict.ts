// zod compiles checks by `new Function` where it may; the content security policy reports each try. Set on the global
// that zod reads, as zod itself is loaded by the pages that need it.
Object.assign(globalThis, { __zod_globalConfig: { jitless: true } });
