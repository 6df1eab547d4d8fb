/**
 * One sentence for every control, parametric, variable, table and reference instruction (spec 4.6.2 – 4.6.8), with
 * exceptions and garbage collection.
 */

const TABLE_OOB = 'traps with "out of bounds table access" if';
const NULL_FUNC = 'traps with "null function reference" if the reference is null';
const NULL_STRUCT = 'traps with "null structure reference" if the reference is null';
const NULL_ARRAY = 'traps with "null array reference" if the reference is null';
const ARRAY_OOB = `${NULL_ARRAY} and with "out of bounds array access" if`;
const INDIRECT =
  'traps with "undefined element" if the index is past the end, "uninitialized element" if the entry is null, and "indirect call type mismatch" if the function has another type';

export const CONTROL_DOCS = {
  unreachable: 'Traps with "unreachable"; code behind it is never run and may have any type.',
  nop: 'Does nothing.',
  block: "Opens a block; a branch to its label goes to its end, with the block's results on the stack.",
  loop: 'Opens a loop; a branch to its label goes back to its start, and without a branch it ends after one round.',
  if: 'Pops an i32 and runs the first branch if it is not 0, else the `else` branch, if there is one.',
  else: 'Separates the branch of an `if` that runs for non-zero from the one that runs for zero.',
  end: 'Ends a block, loop, if, try or function body; the values on the stack are its results.',
  br: 'Branches to a label: to the end of its block, or to the start of its loop.',
  br_if: 'Pops an i32 and branches to a label if it is not 0, else goes on with the operands kept.',
  br_table:
    'Pops an i32 and branches to the label with that index in its list, or to the last one, the default, if the index is past the others.',
  return: 'Returns from the function with its results from the stack; what lies below them is discarded.',
  call: 'Calls a function with arguments from the stack and pushes its results.',
  call_indirect: `Pops an index and calls the function at that place of a table, which must have the given type; ${INDIRECT}.`,
  call_ref: `Pops a function reference and calls it; ${NULL_FUNC}.`,
  return_call: "Calls a function and returns its results, giving up the caller's frame first (a tail call).",
  return_call_indirect: `Tail-calls the function at a popped index of a table, which must have the given type; ${INDIRECT}.`,
  return_call_ref: `Pops a function reference and tail-calls it; ${NULL_FUNC}.`,
  drop: 'Pops a value and discards it.',
  select:
    'Pops an i32 and two values of one type; gives the first value if the i32 is not 0, else the second; values of reference type need the form with `(result t)`.',
  'local.get': 'Pushes the value of a local variable or parameter.',
  'local.set': 'Pops a value into a local variable or parameter.',
  'local.tee':
    'Copies the value on top of the stack into a local variable or parameter and leaves it on the stack.',
  'global.get': 'Pushes the value of a global.',
  'global.set': 'Pops a value into a global, which must be mutable.',

  throw: 'Throws an exception with a tag and arguments from the stack.',
  throw_ref:
    'Throws an exception again that a reference holds; traps with "null exception reference" if the reference is null.',
  try_table:
    "Opens a block; the first of its catch clauses that matches an exception thrown inside branches to that clause's label.",
  try: 'Opens a block whose `catch` clauses handle the exceptions thrown in it (legacy exception handling).',
  catch:
    'Starts the handler for exceptions with a tag and pushes their arguments; in `try_table`, a clause that branches to a label with them.',
  catch_all:
    'Starts the handler for every other exception; in `try_table`, a clause that branches to a label for every exception.',
  rethrow:
    'Throws the exception again that the `catch` with the given label handles (legacy exception handling).',
  delegate:
    'Ends a `try` and hands the exceptions thrown in it to the block with the given label (legacy exception handling).',

  'table.get': `Pushes the table entry at a popped index; ${TABLE_OOB} the index is past the end.`,
  'table.set': `Stores a popped reference at a popped index of a table; ${TABLE_OOB} the index is past the end.`,
  'table.size': 'Pushes the number of entries of a table.',
  'table.grow':
    'Grows a table by a popped number of entries filled with a popped reference; pushes the old size, or -1 if it cannot grow.',
  'table.fill': `Fills a range of a table with a reference; ${TABLE_OOB} the range does not fit, before it writes anything.`,
  'table.copy': `Copies a range of entries from one table to another or within one, correctly if they overlap; ${TABLE_OOB} a range does not fit, before it writes anything.`,
  'table.init': `Copies a range of an element segment into a table; ${TABLE_OOB} a range does not fit the segment or the table, before it writes anything.`,
  'elem.drop': 'Discards the contents of an element segment: from now on it counts as empty.',

  'ref.null': 'Pushes the null reference of a heap type.',
  'ref.is_null': 'Gives 1 if the reference is null, else 0.',
  'ref.func':
    'Pushes a reference to a function, which must be declared outside of function bodies (in an export, global or element segment).',
  'ref.eq': 'Gives 1 if two references are the same object, the same i31 value or both null, else 0.',
  'ref.as_non_null':
    'Gives the reference with a type that excludes null; traps with "null reference" if it is null.',
  br_on_null:
    'Branches to a label, without the reference, if the reference on top of the stack is null; else goes on with it as non-null.',
  br_on_non_null:
    'Branches to a label with the reference on top of the stack if it is not null; else drops it and goes on.',
  'ref.test':
    'Gives 1 if the reference has the given type at run time, else 0; null only passes a nullable type.',
  'ref.cast':
    'Gives the reference with the given type; traps with "cast failure" if it does not have it; null only passes a nullable type.',
  br_on_cast:
    'Branches to a label if the reference has the second given type at run time, with it as that type; else goes on with the reference.',
  br_on_cast_fail:
    'Branches to a label with the reference if it does not have the second given type at run time; else goes on with it as that type.',
  'ref.i31': 'Makes an i31 reference from the low 31 bits of an i32, without an allocation.',
  'i31.get_s':
    'Gives the value of an i31 reference as a sign-extended i32; traps with "null i31 reference" if it is null.',
  'i31.get_u':
    'Gives the value of an i31 reference as a zero-extended i32; traps with "null i31 reference" if it is null.',
  'any.convert_extern': 'Turns an external reference into an internal one (anyref); null stays null.',
  'extern.convert_any': 'Turns an internal reference (anyref) into an external one; null stays null.',

  'struct.new': 'Makes a structure of a type, with the values of its fields from the stack.',
  'struct.new_default': 'Makes a structure of a type, with zero or null in every field.',
  'struct.get': `Reads a field of a structure; ${NULL_STRUCT}.`,
  'struct.get_s': `Reads an i8 or i16 field of a structure as a sign-extended i32; ${NULL_STRUCT}.`,
  'struct.get_u': `Reads an i8 or i16 field of a structure as a zero-extended i32; ${NULL_STRUCT}.`,
  'struct.set': `Writes a mutable field of a structure; an i8 or i16 field keeps the low bits; ${NULL_STRUCT}.`,
  'array.new': 'Makes an array of a type: pops the length, then the value that every element gets.',
  'array.new_default': 'Makes an array of a type with a popped length, with zero or null in every element.',
  'array.new_fixed':
    'Makes an array of a type with a fixed number of elements, whose values come from the stack.',
  'array.new_data':
    'Makes an array of numbers from the bytes of a data segment, from a popped byte offset and length; traps with "out of bounds memory access" if the segment is too short.',
  'array.new_elem':
    'Makes an array of references from an element segment, from a popped offset and length; traps with "out of bounds table access" if the segment is too short.',
  'array.get': `Reads the element of an array at a popped index; ${ARRAY_OOB} the index is past the end.`,
  'array.get_s': `Reads an i8 or i16 element of an array as a sign-extended i32; ${ARRAY_OOB} the index is past the end.`,
  'array.get_u': `Reads an i8 or i16 element of an array as a zero-extended i32; ${ARRAY_OOB} the index is past the end.`,
  'array.set': `Writes the element of a mutable array at a popped index; ${ARRAY_OOB} the index is past the end.`,
  'array.len': `Gives the number of elements of an array; ${NULL_ARRAY}.`,
  'array.fill': `Fills a range of a mutable array with a value; ${ARRAY_OOB} the range does not fit, before it writes anything.`,
  'array.copy': `Copies a range of elements from one array to another or within one, correctly if they overlap; ${ARRAY_OOB} a range does not fit, before it writes anything.`,
  'array.init_data': `Copies bytes of a data segment into a range of a mutable array; ${ARRAY_OOB} the range does not fit, "out of bounds memory access" if the segment is too short.`,
  'array.init_elem': `Copies references of an element segment into a range of a mutable array; ${ARRAY_OOB} the range does not fit, "out of bounds table access" if the segment is too short.`,
};
