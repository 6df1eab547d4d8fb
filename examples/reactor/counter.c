// A reactor: `_initialize` (which wasi-libc gives it) calls the constructor, once; then other modules call what it exports.

static int count;

__attribute__((constructor)) static void begin(void) { count = 40; }

__attribute__((export_name("next"))) int next(void) { return ++count; }
