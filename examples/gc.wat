;; Structs, arrays and references: a scene of shapes, moved and measured.
;;
;; Try: set a breakpoint on the line of `call $area` and press F5.
;; Open `$scene` in the Variables view: an array of shapes, each with its type. `@3` is an object's number: the same
;; number is the same object, and $origin is shared by all shapes.
;; Set $origin.x to another number and see every shape move.
;; Watch `$shape.at.x` and `ref.cast($circle, $shape).radius`; the second fails where the shape is a square.
;; A condition for the breakpoint: `ref.test($square, $shape) && $shape.at.x > 2`

(module
  (type $point (struct (field $x (mut f64)) (field $y (mut f64))))

  ;; A shape has a name and a place; circles and squares are shapes with one field more.
  (type $text (array i8))
  (type $shape (sub (struct (field $name (ref $text)) (field $at (ref $point)))))
  (type $circle (sub final $shape (struct (field $name (ref $text)) (field $at (ref $point)) (field $radius f64))))
  (type $square (sub final $shape (struct (field $name (ref $text)) (field $at (ref $point)) (field $side (mut f64)))))
  (type $scene (array (mut (ref null $shape))))

  (data $names "sunhousewindow")

  (global $origin (ref $point) (struct.new $point (f64.const 3) (f64.const 4)))

  (func $text (param $from i32) (param $length i32) (result (ref $text))
    (array.new_data $text $names (local.get $from) (local.get $length)))

  (func $build (result (ref $scene))
    (array.new_fixed $scene 4
      (struct.new $circle (call $text (i32.const 0) (i32.const 3)) (global.get $origin) (f64.const 2))
      (struct.new $square (call $text (i32.const 3) (i32.const 5)) (global.get $origin) (f64.const 5))
      (struct.new $square (call $text (i32.const 8) (i32.const 6)) (global.get $origin) (f64.const 1.5))
      (ref.null $shape)))

  ;; br_on_cast leaves the block with the shape as a circle, if it is one.
  (func $area (param $shape (ref $shape)) (result f64)
    (local $circle (ref null $circle)) (local $square (ref null $square))
    (block $is_circle (result (ref $circle))
      (local.set $square
        (ref.cast (ref $square)
          (br_on_cast $is_circle (ref $shape) (ref $circle) (local.get $shape))))
      (return
        (f64.mul
          (struct.get $square $side (local.get $square))
          (struct.get $square $side (local.get $square)))))
    (local.set $circle)
    (f64.mul
      (f64.const 3.141592653589793)
      (f64.mul
        (struct.get $circle $radius (local.get $circle))
        (struct.get $circle $radius (local.get $circle)))))

  ;; The area of all shapes: 4 pi + 25 + 2.25 = 39.81…
  (func (export "main") (result f64)
    (local $scene (ref $scene)) (local $shape (ref null $shape)) (local $i i32) (local $sum f64)
    (local.set $scene (call $build))
    (loop $next
      (local.set $shape (array.get $scene (local.get $scene) (local.get $i)))
      (if (ref.is_null (local.get $shape)) (then (return (local.get $sum))))
      (local.set $sum
        (f64.add
          (local.get $sum)
          (call $area (ref.as_non_null (local.get $shape)))))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br $next))
    (unreachable)))
