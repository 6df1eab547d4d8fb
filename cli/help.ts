/** What `--help` prints, of the whole and of each command. */

export const HELP = `wasmscope: look inside WebAssembly

usage: wasmscope <command> [arguments]

  run FILE                 run a .wat or .wasm, print its results, exit as it does
  serve FILE               answer HTTP requests with a component
  wast FILES…              run test scripts
  validate FILES…          say what is wrong with modules, components and WIT
  parse FILE               text to binary
  print FILE               binary to text
  objdump FILE             what a binary is made of, byte by byte
  strip FILE               a binary without its custom sections
  wit FILE                 what a component imports and exports, as WIT
  format FILES…            lay texts out
  dap                      debug adapter (Debug Adapter Protocol)
  lsp --stdio              language server (Language Server Protocol)

  wasmscope <command> --help    more about a command
  wasmscope --version
`;

const COMMANDS: Readonly<Record<string, string>> = {
  run: `usage: wasmscope run [OPTIONS] FILE [ARGUMENTS…]

Runs a program and prints the results of its main function, one a line. That is the export "", else _start, else the only
exported function without parameters; a module with _initialize is initialised before. What follows FILE and is no option,
or follows --, goes to the program. A component is a command (wasi:cli/run), or a function of it is named.

  --invoke NAME            call this exported function; everything behind FILE or NAME is an argument: -1, 0xff, 1.5, nan
  --invoke 'CALL'          of a component: a call in WAVE, f({name: "a", n: 1}); the result is printed in WAVE
  --imports MODULE         a JavaScript module whose default export is {module: {name: import}} or a function that makes it
  --preload NAME=FILE      load this module before, under this name; each can import from those before it
  --missing-imports trap   let the program run until it calls a function that nobody provides (-W unknown-imports-trap)
  --engine interpreter     nothing is compiled for the host's own WebAssembly; otherwise it is as soon as that pays (auto)
  --stats                  say at the end, on standard error, how many instructions each function has executed
  --max-heap-size SIZE     what garbage-collected objects may take: 64M, 1G (the default). A program that wants more ends
  --max-call-depth N       calls that may be active at once, 20000 if absent: one more ends with "call stack exhausted"

  -D coredump=PATH         write a core dump when the program traps; F5 and "wasmscope dap" open it

A program of WASI has the standard streams, and nothing else but what these grant:

  --dir HOST[::GUEST]           a directory, under the name GUEST
  --dir-readonly HOST[::GUEST]  the same, not to be changed
  --env NAME[=VALUE]            an environment variable; without VALUE that of this process
  --listen HOST:PORT            a listening socket, behind the directories (WASI 0.1)
  --network HOST[:PORT]         a place of the network; * is all of it (-S inherit-network) (WASI 0.2)
  --clock TIME                  clocks that begin at a time (2025-01-31T12:00:00Z) and move on only when looked at
  --random SEED                 the same random numbers in every run

A debugger can look at the program while it runs:

  --dap PORT               let debug adapter clients attach on this port of 127.0.0.1 (0: any free one); it is printed to
                           standard error: wasmscope: DAP on 127.0.0.1:PORT
  --dap-wait               begin when a client has attached and set its breakpoints

exit code: that of the program if it exits by itself; 0, 1 if it traps or fails or a debugger ends it, 2 for a bad command line or a bad
file, 141 if nobody reads its output any more
`,
  serve: `usage: wasmscope serve [OPTIONS] FILE [ARGUMENTS…]

Answers HTTP requests with a component that exports wasi:http/incoming-handler (WASI 0.2). Every request gets a fresh instance, and
several are answered at once. Where it listens is printed to standard error. A request whose instance traps is answered with 500,
and the trap is printed; Ctrl+C ends the server.

  --addr HOST:PORT              where to listen (127.0.0.1:8080); port 0 takes a free one
  --port PORT                   the same on 127.0.0.1

The options --dir, --dir-readonly, --env, --network, --clock, --random, --engine, --max-heap-size and --max-call-depth are those
of "wasmscope run".

exit code: 0 when it is ended, 2 for a bad command line, a bad file or an address that cannot be had
`,
  validate: `usage: wasmscope validate FILES…

Checks .wat and .wasm files, modules and components, and WIT: documents, and folders that are packages (with deps/). Reports every
fault with its place (of a component the first one).
Prints nothing when all is well. What is wrong with the names or the branch hints of a valid module is a warning, and no
failure.

exit code: 0, 2 if a file is no valid module or component
`,
  parse: `usage: wasmscope parse FILE [-o OUT] [--no-names]

Assembles a text to a binary, on standard output or in the file OUT. The names of the text are kept in a name section;
--no-names leaves it out. Whether the module is valid is not checked.

exit code: 0, 2 for a bad command line or a bad file
`,
  print: `usage: wasmscope print FILE [-o OUT] [--func INDEX|NAME] [--folded] [--no-names] [--no-customs] [--offsets]
       wasmscope print FILE [-o OUT] --plan

Prints a module or a component, or one function of a module, as text.

  --func        only this function, by index or by name
  --folded      operands inside their instructions
  --no-names    indices instead of names
  --no-customs  without the annotations for custom sections and the data count section, which older tools refuse
  --offsets     the byte offset of each line's first instruction, in a comment before it
  --plan        of a component instead: what is instantiated when it starts, in which order, what is linked to what

exit code: 0, 2 for a bad command line or a bad file
`,
  wit: `usage: wasmscope wit FILE [-o OUT]

Prints the world of a component, and the interfaces and types that it names, as WIT; also a WIT package that is encoded as a
component, and the world that a core module was made for (its section component-type). A .wit file is laid out again, and so is
a folder that is a package, as one text; the packages that it uses are in its folder deps/, and names that are in none of them are
faults. Comments that are no documentation are left out.

exit code: 0, 2 for a bad command line, a bad file, or a core module
`,
  objdump: `usage: wasmscope objdump FILE [-o OUT] [-h] [-x] [-d] [--json]
       wasmscope objdump FILE [-o OUT] [--at OFFSET | --section NAME | --func INDEX|NAME] [--bytes] [--json]

Lists the sections of a binary with their sizes, and what is in them. A malformed file is listed up to the fault, and on from the
next section. A text is assembled first.

  -h, --headers      the sections: where their contents are, how long, how many items
  -x, --details      the items of each section, one a line
  -d, --disassemble  functions instruction by instruction, with bytes
  --json             as one object of JSON; without -h, -x and -d all three

  --at       everything about one byte: its field, value and meaning, the stack, the line of WAT. 42 or 0x2a
  --section  only this section: code, "data count", or the name of a custom one
  --func     only this function, instruction by instruction
  --bytes    every field of instructions and names, and the instructions of all functions

exit code: 0, 2 for a bad command line or a bad file
`,
  strip: `usage: wasmscope strip FILE [-o OUT] [-a | -d NAME…]

Writes a binary without its custom sections, also of modules and components in it. Everything else stays as it is, byte for byte.
The names, and what says how to link or to type it, stay: name, dylink, component-name, component-type, metadata.code.

  -a, --all          all custom sections
  -d, --delete NAME  these only; * stands for any characters: -d name -d '.debug_*'

exit code: 0, 2 for a bad command line or a bad file
`,
  format: `usage: wasmscope format FILE
       wasmscope format (--check | --write) FILES…

Lays .wat, .wast and .wit files out, to standard output or in place. Comments stay, and the binary does not change. A function
or field that does not parse stays as it is; of a .wit file only white space within lines and in front of them changes.

  --check        only name the files that are not laid out
  --write        change the files
  --width N      characters of a line (100)
  --indent N     columns of a level (2)
  --tabs         indent with tabs
  --closing HOW  where the ) of a form on several lines stands: keep (where it is), hug (behind the last line), line
  --fold         nest operands in their instructions
  --unfold       one instruction after the other

exit code: 0, 1 if --check names a file, 2 for a bad command line or a bad file
`,
  dap: `usage: wasmscope dap [--port N]

Debug adapter over stdin and stdout, or on a port of 127.0.0.1, one session a connection (0: any free port). In a terminal that
a client opens for a program it runs dap --terminal N, which connects to port N.
`,
  lsp: `usage: wasmscope lsp [--stdio]

Language server over stdin and stdout.
`,
  wast: `usage: wasmscope wast [--verbose] [--features LIST] FILES…

Runs scripts of the WebAssembly test suite and prints one line a file, and every assertion that fails.
The last line is "N passed, N failed".

  --verbose   a line a command
  --features  what the scripts are written for, by commas: 1.0, 2.0, 3.0 or names of features such as threads. Older
              scripts assert that later features are invalid. Without it everything is switched on.

exit code: 0, 1 if anything failed, 2 for a bad command line or a file that cannot be read
`,
};

/** How a command is called, and where more is said: what fits below a message. Its name must be known. */
export function usageOf(command: string): string {
  const [usage] = COMMANDS[command].split('\n\n', 1);
  return `${usage}\n\nwasmscope ${command} --help says more\n`;
}

/** The help of one command, whose name must be known. */
export function helpFor(command: string): string {
  return COMMANDS[command];
}
