; The middle one of three numbers: one of them that is between the two others.
(set-logic LIA)
(define-fun between ((n Int) (low Int) (high Int)) Bool (and (<= low n) (<= n high)))
(synth-fun middle ((x Int) (y Int) (z Int)) Int
    ((Number Int) (Test Bool))
    ((Number Int (x y z (ite Test Number Number)))
     (Test Bool ((<= Number Number)))))
(declare-var x Int)
(declare-var y Int)
(declare-var z Int)
(constraint (=> (or (between x y z) (between x z y)) (= (middle x y z) x)))
(constraint (=> (or (between y x z) (between y z x)) (= (middle x y z) y)))
(constraint (=> (or (between z x y) (between z y x)) (= (middle x y z) z)))
(check-synth)
