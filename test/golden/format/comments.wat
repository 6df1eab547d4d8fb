(;; a block comment that looks like a line one ;)
;; first
 ;; second

(module(; name ;)$m ;; behind the name
;; above a field

;; apart from it
(func (;0;) (param (; what ;) i32) ;; behind the head
;; in front of the body
(; own line ;)
nop (; trailing ;)
(; leading ;) nop
(i32.add ;; sum
;; left
(i32.const 1)
(; right ;) (i32.const 2)
;; nothing behind it
)
drop
;; at the end
) ;; behind the field
(;
  several lines
    stay as they are
;)
(@custom "x" "y"
   (z   z))
(func
  (@metadata.code.branch_hint "\00") (if (i32.const 0) (then))
  (if (i32.const 0) ;; condition
    (then ;; yes
    )
    ;; no
    (else nop))
  block ;; flat
  ;; inside
  end ;; of it

  i32.const 0
  if nop
  ;; in front of else
  else
  nop
  end
)
;; in front of the end
)
;; behind the module
