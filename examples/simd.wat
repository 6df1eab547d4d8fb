;; Vectors: four pixels are mixed at once, and one sum is made of four.
;;
;; Try: set a breakpoint on the line of `i16x8.mul` and press F5.
;; Open a vector in the Variables view: the same 128 bits in every shape, and each shape by its lanes.
;; Set a lane, or the whole: `i32x4 1 2 3 4`, `f32x4 0.5 1 1 -0`, `0x1234`.
;; Watch `$a.u8x16[3]` and `$sum.f32x4[0] + $sum.f32x4[1]`.
;; A condition for the breakpoint in $dot: `$sum.f32x4[0] > 20`

(module
  (memory (export "memory") 1)

  ;; Two rows of four pixels: red, green, blue, alpha.
  (data (i32.const 0) "\ff\00\00\ff" "\00\ff\00\ff" "\00\00\ff\ff" "\80\80\80\ff")
  (data (i32.const 16) "\00\00\ff\80" "\00\00\ff\80" "\00\00\ff\80" "\00\00\ff\80")

  ;; The mean of two rows of pixels, with 16 bits for each colour in between.
  (func $mix (param $a v128) (param $b v128) (result v128)
    (local $low v128) (local $high v128)
    (local.set $low
      (i16x8.add
        (i16x8.extend_low_i8x16_u (local.get $a))
        (i16x8.extend_low_i8x16_u (local.get $b))))
    (local.set $high
      (i16x8.add
        (i16x8.extend_high_i8x16_u (local.get $a))
        (i16x8.extend_high_i8x16_u (local.get $b))))
    ;; Half of it: times 128, without the lowest eight bits.
    (i8x16.narrow_i16x8_u
      (i16x8.shr_u (i16x8.mul (local.get $low) (i16x8.splat (i32.const 128))) (i32.const 8))
      (i16x8.shr_u (i16x8.mul (local.get $high) (i16x8.splat (i32.const 128))) (i32.const 8))))

  ;; The dot product of the numbers 1 to 8 with themselves, four at a time.
  (func $dot (export "dot") (result f32)
    (local $sum v128) (local $values v128) (local $i i32)
    (local.set $values (v128.const f32x4 1 2 3 4))
    (loop $next
      (local.set $sum
        (f32x4.add (local.get $sum) (f32x4.mul (local.get $values) (local.get $values))))
      (local.set $values (f32x4.add (local.get $values) (f32x4.splat (f32.const 4))))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $next (i32.lt_u (local.get $i) (i32.const 2))))
    (f32.add
      (f32.add (f32x4.extract_lane 0 (local.get $sum)) (f32x4.extract_lane 1 (local.get $sum)))
      (f32.add (f32x4.extract_lane 2 (local.get $sum)) (f32x4.extract_lane 3 (local.get $sum)))))

  ;; 204
  (func (export "main") (result f32)
    (v128.store (i32.const 32)
      (call $mix (v128.load (i32.const 0)) (v128.load (i32.const 16))))
    (call $dot)))
