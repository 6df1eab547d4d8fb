/** Small programs that the debug adapter's tests run. */

export const FIB = `;; Fibonacci, recursively.
(module
  (func $fib (export "fib") (param $n i32) (result i32)
    (if (result i32) (i32.le_u (local.get $n) (i32.const 1))
      (then (i32.const 1))
      (else
        (i32.add
          (call $fib (i32.sub (local.get $n) (i32.const 2)))
          (call $fib (i32.sub (local.get $n) (i32.const 1))))))))
`;

/** The 61 bytes of the same as a binary, without names. */
export const FIB_BYTES = Uint8Array.from(
  Buffer.from(
    '0061736d0100000001060160017f017f03020100070701036669620000' +
      '0a1e011c00200041014d047f410105200041026b1000200041016b10006a0b0b',
    'hex',
  ),
);

export const LOOPS = `(module
  (import "env" "log" (func $log (param i32)))
  (memory (export "memory") 1 2)
  (global $count (mut i32) (i32.const 7))
  (global $pi f64 (f64.const 3.25))
  (table $jobs 3 funcref)
  (elem (i32.const 0) $twice $spin)
  (data (i32.const 16) "hello")

  (func $twice (export "twice") (param $x i64) (result i64)
    local.get $x
    i64.const 2
    i64.mul)

  (func $sum (export "sum") (param $to i32) (result i32)
    (local $i i32) (local $total i32)
    (block $done
      (loop $next
        (br_if $done (i32.ge_s (local.get $i) (local.get $to)))
        (local.set $i (i32.add (local.get $i) (i32.const 1)))
        (local.set $total (i32.add (local.get $total) (local.get $i)))
        (br $next)))
    (call $log (local.get $total))
    local.get $total)

  (func $spin (export "spin")
    (loop $again (br $again)))

  (func $deep (export "deep") (param $n i32) (result i32)
    (i32.add (call $deep (local.get $n)) (i32.const 1)))

  (func $divide (export "divide") (param $a i32) (param $b i32) (result i32)
    (i32.div_s (local.get $a) (local.get $b)))

  (func $peek (export "peek") (param $at i32) (result i32)
    (i32.load (local.get $at))))
`;
