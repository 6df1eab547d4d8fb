;; Linear memory and data segments: reverses a text in place and counts its bytes.
;;
;; Try: set a breakpoint on the line of `i32.store8` and press F5.
;; Open Memory in the Variables view ("View Binary Data" beside it): the text lies at address 16, and the
;; table of powers of two at address 64. Continue, and see the bytes at both ends change places.
;; Put `$left` and `$right` into the Watch view.

(module
  (memory $mem (export "memory") 1)

  ;; A segment is copied into the memory when the module is instantiated.
  (data (i32.const 16) "stressed desserts are no palindrome\00")

  ;; Numbers are written as bytes, the lowest byte first: 1, 2, 4, 8 as i32.
  (data (i32.const 64) "\01\00\00\00" "\02\00\00\00" "\04\00\00\00" "\08\00\00\00")

  ;; The number of bytes before the zero byte.
  (func $length (param $text i32) (result i32)
    (local $end i32)
    (local.set $end (local.get $text))
    (block $done
      (loop $next
        (br_if $done (i32.eqz (i32.load8_u (local.get $end))))
        (local.set $end (i32.add (local.get $end) (i32.const 1)))
        (br $next)))
    (i32.sub (local.get $end) (local.get $text)))

  (func $reverse (param $text i32)
    (local $left i32) (local $right i32) (local $byte i32)
    (local.set $left (local.get $text))
    (local.set $right
      (i32.sub
        (i32.add (local.get $text) (call $length (local.get $text)))
        (i32.const 1)))
    (block $done
      (loop $swap
        (br_if $done (i32.ge_u (local.get $left) (local.get $right)))
        (local.set $byte (i32.load8_u (local.get $left)))
        (i32.store8 (local.get $left) (i32.load8_u (local.get $right)))
        (i32.store8 (local.get $right) (local.get $byte))
        (local.set $left (i32.add (local.get $left) (i32.const 1)))
        (local.set $right (i32.sub (local.get $right) (i32.const 1)))
        (br $swap))))

  ;; The sum of the four numbers at address 64. `offset=` is added to the address on the stack.
  (func $sum (result i32)
    (i32.add
      (i32.add (i32.load (i32.const 64)) (i32.load offset=4 (i32.const 64)))
      (i32.add (i32.load offset=8 (i32.const 64)) (i32.load offset=12 (i32.const 64)))))

  ;; 35 bytes in the text, times 100, plus the sum 15: 3515.
  (func (export "main") (result i32)
    (call $reverse (i32.const 16))
    (i32.add
      (i32.mul (call $length (i32.const 16)) (i32.const 100))
      (call $sum))))
