(module
(func $good
nop)
   (func $bad   block
 nop)
(func $strange
 , nop)
      (func $good2
nop))
