/**
 * The keywords of the text format that are no instructions: of modules, types, scripts (.wast) and components. With
 * a sentence each, for hover and completion; the categories choose colours.
 *
 * A word has one entry even where it means several things (`func` is a module field and a heap type): its sentence
 * names them. Instructions stand in table.ts; `catch`, `catch_all` and `else` only there.
 */

/**
 * - `field`: parts of a module and of a function (spec 6.6)
 * - `modifier`: words that change the part they stand in
 * - `type`: value, storage and heap types, and what builds types (spec 6.4)
 * - `clause`: parts of instructions that are written as words
 * - `literal`: numbers that are written as words
 * - `script`: commands and patterns of `.wast` test scripts
 * - `component`: the component model's text format
 * - `obsolete`: names that old texts still use
 */
export type KeywordCategory =
  | 'field'
  | 'modifier'
  | 'type'
  | 'clause'
  | 'literal'
  | 'script'
  | 'component'
  | 'obsolete';

export interface Keyword {
  readonly category: KeywordCategory;
  readonly doc: string;
}

const WORDS = {
  field: {
    module: 'A module: the fields between its parentheses, in any order.',
    func: 'Defines a function, or names one in an import, export or element; also the type of functions, and the heap type of all function references.',
    param: "The types of a function's parameters; with a name, exactly one.",
    result: 'The types of the results of a function or block.',
    local: 'Declares local variables of a function, which start as zero or null; with a name, exactly one.',
    type: 'Defines a type, or refers to one by its index.',
    import: 'Takes a function, table, memory, global or tag from outside, by module name and field name.',
    export: 'Gives a function, table, memory, global or tag to the outside under a name.',
    memory: 'Defines a memory, its size given in pages, or refers to one.',
    table: 'Defines a table of references, or refers to one.',
    global: 'Defines a global with its type and initial value, or refers to one.',
    tag: 'Defines a tag: a kind of exception with the types of its arguments.',
    elem: 'Defines an element segment: references that initialize tables, or that `table.init` copies.',
    data: 'Defines a data segment: bytes that initialize a memory, or that `memory.init` copies.',
    start: 'Names the function that runs when the module is instantiated.',
    rec: 'Groups type definitions that may refer to each other.',
    offset: 'The constant expression that says where an active segment goes.',
    item: 'One element of an element segment, as a constant expression.',
  },
  modifier: {
    mut: 'Makes a global or a field mutable.',
    declare: 'Marks an element segment that only declares functions for `ref.func`.',
    shared: 'Makes a memory shared between threads; it needs a maximum size.',
    pagesize: "Sets the size of a memory's pages in bytes: 1 or 65536 (custom page sizes).",
    final: 'Forbids subtypes of a type.',
    null: 'Allows null in a reference type.',
    sub: 'Declares the supertype of a type, and that it may have subtypes; in components, the bound of an imported type.',
  },
  type: {
    i32: 'A 32-bit integer; instructions say whether it counts as signed.',
    i64: 'A 64-bit integer; instructions say whether it counts as signed.',
    f32: 'A 32-bit IEEE 754 floating-point number.',
    f64: 'A 64-bit IEEE 754 floating-point number.',
    v128: 'A vector of 128 bits; instructions say how it is divided in lanes.',
    i8: 'An 8-bit integer, only in fields of structures and arrays.',
    i16: 'A 16-bit integer, only in fields of structures and arrays.',
    i8x16: 'Sixteen 8-bit integer lanes: a shape for `v128.const`.',
    i16x8: 'Eight 16-bit integer lanes: a shape for `v128.const`.',
    i32x4: 'Four 32-bit integer lanes: a shape for `v128.const`.',
    i64x2: 'Two 64-bit integer lanes: a shape for `v128.const`.',
    f32x4: 'Four 32-bit floating-point lanes: a shape for `v128.const`.',
    f64x2: 'Two 64-bit floating-point lanes: a shape for `v128.const`.',
    ref: 'A reference type: `(ref t)`, or `(ref null t)` if it may be null.',
    struct: 'A structure type with its fields; also the heap type of all structures.',
    array: 'An array type with the type of its elements; also the heap type of all arrays.',
    field: 'A field of a structure type; with a name, exactly one.',
    any: 'The heap type of all internal references.',
    eq: 'The heap type of all references that `ref.eq` compares: i31, structures and arrays.',
    i31: 'The heap type of 31-bit integers without allocation.',
    extern: 'The heap type of all references to things outside of WebAssembly.',
    exn: 'The heap type of caught exceptions.',
    none: 'The heap type below all internal ones: only null has it.',
    nofunc: 'The heap type below all function types: only null has it.',
    noextern: 'The heap type below `extern`: only null has it.',
    noexn: 'The heap type below `exn`: only null has it.',
    funcref: 'A reference to any function, or null: `(ref null func)`.',
    externref: 'A reference to anything outside of WebAssembly, or null: `(ref null extern)`.',
    anyref: 'Any internal reference, or null: `(ref null any)`.',
    eqref: 'A reference that `ref.eq` compares, or null: `(ref null eq)`.',
    i31ref: 'A 31-bit integer, or null: `(ref null i31)`.',
    structref: 'A reference to any structure, or null: `(ref null struct)`.',
    arrayref: 'A reference to any array, or null: `(ref null array)`.',
    exnref: 'A reference to a caught exception, or null: `(ref null exn)`.',
    nullref: 'Null as an internal reference: `(ref null none)`.',
    nullfuncref: 'Null as a function reference: `(ref null nofunc)`.',
    nullexternref: 'Null as an external reference: `(ref null noextern)`.',
    nullexnref: 'Null as an exception reference: `(ref null noexn)`.',
  },
  clause: {
    // biome-ignore lint/suspicious/noThenProperty: a keyword of the text format, never awaited
    then: 'The branch of a folded `if` that runs for non-zero.',
    do: 'The body of a folded `try` (legacy exception handling).',
    catch_ref: 'A clause of `try_table`: branches with the arguments of the exception and a reference to it.',
    catch_all_ref: 'A clause of `try_table`: branches with a reference to the exception, whatever its tag.',
  },
  literal: {
    nan: 'Not a number: the canonical one, or with a payload as `nan:0x…`.',
    inf: 'Infinity.',
    'nan:canonical':
      'In the results of a script: a NaN of either sign whose payload is only its highest bit.',
    'nan:arithmetic': 'In the results of a script: a NaN of either sign whose highest payload bit is set.',
  },
  script: {
    assert_return: 'Expects that an action returns the given results.',
    assert_trap:
      'Expects that an action, or instantiating a module, traps with a message that starts like this.',
    assert_exhaustion: 'Expects that an action runs out of stack.',
    assert_exception: 'Expects that an action throws an exception that nobody catches.',
    assert_malformed: 'Expects that a module cannot be decoded or parsed.',
    assert_invalid: 'Expects that a module does not validate.',
    assert_malformed_custom: 'Expects that a custom section or annotation is malformed.',
    assert_invalid_custom: 'Expects that a custom section or annotation is invalid.',
    assert_unlinkable: 'Expects that the imports of a module do not fit.',
    invoke: 'Calls an exported function with constant arguments.',
    get: 'Reads an exported global; in components, a canonical accessor.',
    register: 'Makes the exports of an instance importable under a module name.',
    definition: 'Defines a module or component without instantiating it.',
    instance: 'Makes an instance of a module or component that was defined before.',
    binary: 'A module given as the bytes of its strings.',
    quote: 'A module given as text in strings, parsed when the script runs.',
    either: 'In the results of a script: one of several results.',
    thread: 'Runs commands in a thread of their own.',
    wait: 'Waits until a thread of the script ends.',
    script: 'A nested script.',
    input: 'Reads another script from a file.',
    output: 'Writes a module to a file.',
    'ref.extern': "In a script: the host's reference with the given number, or any external reference.",
    'ref.host': "In a script: the host's reference with the given number, as an internal reference.",
    'ref.struct': 'In the results of a script: any structure reference.',
    'ref.array': 'In the results of a script: any array reference.',
    'ref.any': 'In the results of a script: any internal reference.',
    'ref.exn': 'In the results of a script: any exception reference.',
  },
  component: {
    component: 'A component: modules, instances and functions behind typed interfaces.',
    core: 'Says that what follows belongs to core WebAssembly, not to the component level.',
    alias: 'Makes a definition of another instance, or of an outer component, usable here.',
    outer: 'Refers to a definition of an enclosing component.',
    instantiate: 'Makes an instance of a module or component with the given arguments.',
    with: "An argument of an instantiation: an import's name and what is given for it.",
    canon: 'Defines a function by the canonical ABI: lifted, lowered or built in.',
    lift: 'Makes a component function from a core function.',
    lower: 'Makes a core function from a component function.',
    realloc: 'The function that allocates memory for values that the canonical ABI passes in.',
    'post-return': 'The function that is called when the results of a lifted function have been read.',
    callback: 'The function that continues an asynchronous task when an event arrives.',
    async: 'Makes a function or canonical option asynchronous.',
    cancellable: 'Lets a built-in that waits be cancelled.',
    'string-encoding=utf8': 'Strings cross the canonical ABI as UTF-8.',
    'string-encoding=utf16': 'Strings cross the canonical ABI as UTF-16.',
    'string-encoding=latin1+utf16':
      'Strings cross the canonical ABI as Latin-1 where they can, else as UTF-16.',
    'always-task-return': 'The results of a lifted function are always given by `task.return`.',
    value: 'A value definition of a component.',
    bool: 'The type of true and false.',
    s8: 'A signed 8-bit integer.',
    u8: 'An unsigned 8-bit integer.',
    s16: 'A signed 16-bit integer.',
    u16: 'An unsigned 16-bit integer.',
    s32: 'A signed 32-bit integer.',
    u32: 'An unsigned 32-bit integer.',
    s64: 'A signed 64-bit integer.',
    u64: 'An unsigned 64-bit integer.',
    char: 'A Unicode scalar value.',
    string: 'A sequence of Unicode scalar values.',
    record: 'A type with named fields.',
    variant: 'A type with named cases, each with an optional payload.',
    case: 'A case of a variant.',
    list: 'A sequence of values of one type.',
    map: 'A mapping from keys to values.',
    tuple: 'A fixed sequence of values of several types.',
    flags: 'A set of named booleans.',
    enum: 'A type with named cases without payloads.',
    option: 'A value or nothing.',
    error: 'The error case of a `result` type.',
    own: 'A handle that owns a resource.',
    borrow: 'A handle that borrows a resource for the time of a call.',
    resource: 'Defines a resource type, or names one.',
    rep: 'The core type that represents a resource.',
    dtor: 'The function that is called when a resource is dropped.',
    future: 'A value that arrives later.',
    stream: 'A sequence of values that arrive over time.',
    implements: 'Says which interface an import or export implements.',
    'external-id': 'Gives an import or export the identifier it has outside.',
    'error-context': 'The type of information about an error, for debugging.',
    true: 'The value true, in the arguments and results of a script.',
    false: 'The value false, in the arguments and results of a script.',
    ...builtins(),
    ...values(),
  },
  obsolete: {
    anyfunc: 'The old name of `funcref`.',
  },
} satisfies Record<KeywordCategory, Record<string, string>>;

/** Every keyword that is no instruction, by its text. */
export const KEYWORDS: ReadonlyMap<string, Keyword> = new Map(
  Object.entries(WORDS).flatMap(([category, words]) =>
    Object.entries(words).map(([name, doc]): [string, Keyword] => [
      name,
      { category: category as KeywordCategory, doc },
    ]),
  ),
);

/** Parameters of instructions that are written `name=number`, without the number. */
export const MEMARG_KEYWORDS: Readonly<Record<'offset=' | 'align=', string>> = {
  'offset=': 'Is added to the address of a memory access; the sum does not wrap around.',
  'align=':
    'A hint at the alignment of a memory access in bytes: a power of two, at most the width of the access.',
};

/** The canonical ABI's built-in functions. */
function builtins(): Record<string, string> {
  return {
    'resource.new': 'Makes a handle that owns a new resource with the given representation.',
    'resource.drop': 'Drops a handle; dropping an owning one destroys the resource.',
    'resource.rep': 'Gives the representation of a resource.',
    'task.cancel': 'Confirms that the current task was cancelled.',
    'task.return': 'Gives the results of the current task.',
    'subtask.cancel': 'Asks to cancel a subtask.',
    'subtask.drop': 'Drops the handle of a finished subtask.',
    'context.get': "Reads a slot of the current thread's storage.",
    'context.set': "Writes a slot of the current thread's storage.",
    'backpressure.inc': 'Stops new calls from starting, until it is undone as often.',
    'backpressure.dec': 'Undoes one `backpressure.inc`.',
    'backpressure.set': 'Stops new calls from starting, or lets them start again.',
    'waitable-set.new': 'Makes an empty set of things to wait for.',
    'waitable-set.wait': 'Waits for an event of a set.',
    'waitable-set.poll': 'Takes an event of a set, if there is one.',
    'waitable-set.drop': 'Drops an empty set.',
    'waitable.join': 'Puts something to wait for into a set, or takes it out.',
    'stream.new': 'Makes a stream and pushes both of its ends.',
    'stream.read': 'Starts to read from a stream.',
    'stream.write': 'Starts to write to a stream.',
    'stream.cancel-read': 'Cancels a read from a stream.',
    'stream.cancel-write': 'Cancels a write to a stream.',
    'stream.drop-readable': 'Drops the readable end of a stream.',
    'stream.drop-writable': 'Drops the writable end of a stream.',
    'future.new': 'Makes a future and pushes both of its ends.',
    'future.read': 'Starts to read from a future.',
    'future.write': 'Starts to write to a future.',
    'future.cancel-read': 'Cancels a read from a future.',
    'future.cancel-write': 'Cancels a write to a future.',
    'future.drop-readable': 'Drops the readable end of a future.',
    'future.drop-writable': 'Drops the writable end of a future.',
    'error-context.new': 'Makes an error context with a debug message.',
    'error-context.debug-message': 'Reads the message of an error context.',
    'error-context.drop': 'Drops an error context.',
    'thread.index': 'Gives the index of the current thread.',
    'thread.new-indirect': 'Makes a thread, not started yet, from a function of a table.',
    'thread.resume-later': 'Lets a suspended thread go on at some time.',
    'thread.suspend': 'Suspends the current thread.',
    'thread.suspend-then-resume': 'Suspends the current thread and goes on with another.',
    'thread.yield': 'Lets other threads run.',
    'thread.yield-then-resume': 'Lets another thread run first.',
  };
}

/** Constants of component values in scripts: `u8.const`, `list.const` … */
function values(): Record<string, string> {
  const types =
    'bool s8 u8 s16 u16 s32 u32 s64 u64 char str list record tuple variant enum option result flags';
  return {
    ...Object.fromEntries(types.split(' ').map((t) => [`${t}.const`, `A ${t} value, in a script.`])),
    'option.none': 'The empty option, in a script.',
    'option.some': 'An option with a value, in a script.',
    'result.ok': 'A successful result, in a script.',
    'result.err': 'A failed result, in a script.',
  };
}
