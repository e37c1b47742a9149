; 1 for what is positive, -1 for what is negative, and 0.
(set-logic LIA)
(synth-fun sign ((n Int)) Int
    ((Number Int) (Test Bool))
    ((Number Int (n 0 1 (- 1) (ite Test Number Number)))
     (Test Bool ((< Number Number) (= Number Number)))))
(declare-var n Int)
(constraint (=> (> n 0) (= (sign n) 1)))
(constraint (= (sign (- n)) (- (sign n))))
(check-synth)
