/** What `help` in the Debug Console says: the language in one screen. docs/expressions.md has all of it. */

export const EXPRESSION_HELP = `Values
  $x  $"any name"  local[0]  stack[0]  global[0]     stack[0] is the top
  mem[0x100].i32   mem[$p].str   mem[$p..+32]        i8 u8 i16 u16 i32 u32 i64 f32 f64 v128
  mem.find("text")  mem.find("text", $p)             an address
  table[0][3]  $jobs[$i]  func[3]
  $p.x  $list[3]  $list.length  $v.i32x4[2]  @3      fields, elements, lanes, objects by number
  caught[0][1]                                       an argument of a caught exception
  lib.$g  lib.mem[0].i32                             of a preloaded module
Computing, with WebAssembly's own rules
  $x + 1 == $y   $x >>> 2   $x /_u 3   $p != null && $p.x == 3
  i32.rotl($x, 4)   (i32.add (local.get $x) (i32.const 1))
Setting
  $x = 5   stack[0] = -1   mem[0x100].f64 = 1.5   $p.x = $x + 1   table[0][3] = $f
Calling
  !$f(1, 2)   !func[3]()                             pause stops it
Formats
  $x,x hexadecimal  ,d signed  ,u unsigned  ,b binary  ,o octal  ,f float  ,c character  ,s text at the address
Commands of the Debug Console
  :return 41   :ignore-trap 7   :core-dump path      at a stop; only the first two go on from a trap
More: docs/expressions.md
`;
