(module
    (func $good (param i32)
      nop
      nop)
    (func $bad (param
   i32.const 1 ,
 (func $also-good
   nop
   nop)
